package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestAPassingFailureIsTriedAgain(t *testing.T) {
	for _, status := range []int{408, 425, 429, 500, 502, 503, 504} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			run(t, func(ctx context.Context, w *world) {
				w.servers["h"] = statuses("text", "", status, status)
				d := w.one(ctx, "http://h/x")
				if d.State != Done || d.Attempts != 3 || w.disk.files["x"] != "text" {
					t.Errorf("%v after %d attempts, file %q: %v", d.State, d.Attempts, w.disk.files["x"], d.Err)
				}
				wantBetween(t, "the first pause", w.asked[1].at-w.asked[0].at, time.Second/2, time.Second)
				wantBetween(t, "the second pause", w.asked[2].at-w.asked[1].at, time.Second, 2*time.Second)
			})
		})
	}
}

func wantBetween(t *testing.T, what string, d, least, most time.Duration) {
	t.Helper()
	if d < least || d > most {
		t.Errorf("%s is %v, want between %v and %v", what, d, least, most)
	}
}

func TestALastingFailureIsNotTriedAgain(t *testing.T) {
	refused := fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
	for _, status := range []int{204, 300, 400, 401, 403, 404, 410, 416, 451, 501, 505, 799} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			run(t, func(ctx context.Context, w *world) {
				w.servers["h"] = statuses("text", "", status)
				d := w.one(ctx, "http://h/x")
				if d.State != Failed || d.Attempts != 1 || !strings.Contains(explain(d.Err), fmt.Sprint(status)) {
					t.Errorf("%v after %d attempts: %s", d.State, d.Attempts, explain(d.Err))
				}
			})
		})
	}
	refuse := func(_ context.Context, _ request, n int) (*Response, error) {
		if n == 1 {
			return nil, refused
		}
		return answer(200, "", piece{0, "text", nil}), nil
	}
	t.Run("a refused connection", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.servers["h"] = refuse
			if d := w.one(ctx, "http://h/x"); d.State != Failed || d.Attempts != 1 || !errors.Is(d.Err, refused) {
				t.Errorf("%v after %d attempts: %v", d.State, d.Attempts, d.Err)
			}
		})
	})
	t.Run("unless it is a refused connection and the user waits for it", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.config.Backoff.Refused = true
			w.servers["h"] = refuse
			if d := w.one(ctx, "http://h/x"); d.State != Done || d.Attempts != 2 {
				t.Errorf("%v after %d attempts: %v", d.State, d.Attempts, d.Err)
			}
		})
	})
}

func TestRetriesHaveAnEnd(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.servers["h"] = func(context.Context, request, int) (*Response, error) { return answer(500, ""), nil }
		d := w.one(ctx, "http://h/x")
		want := "the server answered 500 Internal Server Error (after 4 attempts)"
		if d.Attempts != 4 || len(w.asked) != 4 || len(w.retries) != 3 || explain(d.Err) != want {
			t.Errorf("%d attempts, %d requests, %d retries reported: %s", d.Attempts, len(w.asked), len(w.retries), explain(d.Err))
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Run("in seconds, even where the backoff is shorter", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.servers["h"] = statuses("text", "Retry-After: 40", 429)
			if d := w.one(ctx, "http://h/x"); d.State != Done || w.asked[1].at != 40*time.Second {
				t.Errorf("%v; asked again after %v, want 40s", d.State, w.asked[1].at)
			}
		})
	})
	t.Run("as a date", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.servers["h"] = func(ctx context.Context, _ request, n int) (*Response, error) {
				if n > 1 {
					return answer(200, "", piece{0, "text", nil}), nil
				}
				date := asyncio.Now(ctx).UTC().Truncate(time.Second).Add(30 * time.Second)
				return answer(503, "Retry-After: "+date.Format(http.TimeFormat)), nil
			}
			if d := w.one(ctx, "http://h/x"); d.State != Done {
				t.Errorf("%v: %v", d.State, d.Err)
			}
			wantBetween(t, "the pause", w.asked[1].at, 29*time.Second, 30*time.Second)
		})
	})
	t.Run("by everybody who asks the same host, and by nobody else", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.config.PerHost = 1
			w.servers["h"] = statuses("text", "Retry-After: 40", 429)
			w.servers["other"] = after(time.Second, "x")
			list, _ := w.fetch(ctx, "http://h/1", "http://h/2", "http://other/")
			for _, r := range w.asked[1:] {
				if r.url.Host == "h" && r.at < 40*time.Second {
					t.Errorf("%s was asked for after %v, want 40s", r.url, r.at)
				}
			}
			if list[2].Busy() != time.Second {
				t.Errorf("the other host took %v, want 1s", list[2].Busy())
			}
		})
	})
	t.Run("by giving up, where it is longer than we may wait", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.servers["h"] = statuses("text", "Retry-After: 3600", 503)
			d := w.one(ctx, "http://h/x")
			want := "the server answered 503 Service Unavailable and wants 1h0m0s of waiting, more than --retry-max-wait 1m0s"
			if d.State != Failed || len(w.asked) != 1 || d.Busy() != 0 || explain(d.Err) != want {
				t.Errorf("%v after %v: %s", d.State, d.Busy(), explain(d.Err))
			}
		})
	})
}

func TestAHostThatWantsTooLongAPauseIsStillAskedForOtherFiles(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.PerHost = 1
		w.servers["h"] = statuses("text", "Retry-After: 3600", 503)
		list, took := w.fetch(ctx, "http://h/1", "http://h/2")
		if list[0].State != Failed || list[1].State != Done || took != 0 {
			t.Errorf("%v, %v in %v, want failed and done at once", list[0].State, list[1].State, took)
		}
	})
}

func TestWhoPausesLetsOthersWork(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.Parallel = 1
		w.config.Backoff.Base = time.Minute
		w.servers["bad"] = statuses("text", "", 500)
		w.servers["good"] = after(time.Second, "x")
		list, _ := w.fetch(ctx, "http://bad/x", "http://good/y")
		if list[1].Busy() != time.Second || list[1].Finished.Sub(list[0].Began) != time.Second {
			t.Errorf("the good server's file was there after %v, want 1s", list[1].Finished.Sub(list[0].Began))
		}
		if list[0].State != Done || w.most[""] != 1 {
			t.Errorf("%v with %d at once, want done with 1", list[0].State, w.most[""])
		}
	})
}

func TestRedirects(t *testing.T) {
	to := func(status int, location string) handler {
		return func(context.Context, request, int) (*Response, error) {
			return answer(status, "Location: "+location), nil
		}
	}
	t.Run("of each kind are followed, and do not change the name", func(t *testing.T) {
		for _, status := range []int{301, 302, 303, 307, 308} {
			run(t, func(ctx context.Context, w *world) {
				w.servers["h"] = to(status, "http://other/evil.sh")
				w.servers["other"] = after(0, "text")
				if d := w.one(ctx, "http://h/x.txt"); d.State != Done || w.disk.files["x.txt"] != "text" {
					t.Errorf("%d: %v, files %q", status, d.State, w.disk.files)
				}
			})
		}
	})
	t.Run("may be relative", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.servers["h"] = func(_ context.Context, r request, n int) (*Response, error) {
				if n == 1 {
					return answer(302, "Location: ../b?q"), nil
				}
				return answer(200, "", piece{0, r.url.String(), nil}), nil
			}
			w.one(ctx, "http://h/d/e/a")
			if got := w.disk.files["a"]; got != "http://h/d/b?q" {
				t.Errorf("led to %q, want http://h/d/b?q", got)
			}
		})
	})
	for name, c := range map[string]struct{ location, want string }{
		"without an end are given up":   {"/x", "more than 5 redirects (--max-redirects), the last to http://h/x"},
		"to files of ours are refused":  {"file:///etc/passwd", `redirects to a bad address: the scheme "file" is not supported`},
		"to nowhere are refused":        {"", "redirects, but does not say where to"},
		"to nonsense are refused":       {"http://%zz/", "redirects to a bad address"},
		"cannot paint on the terminal ": {"x\x1b[2J://y", "redirects to a bad address"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(ctx context.Context, w *world) {
				w.servers["h"] = to(302, c.location)
				d := w.one(ctx, "http://h/x")
				if d.State != Failed || d.Attempts != 1 || !strings.Contains(explain(d.Err), c.want) {
					t.Errorf("%v after %d attempts: %s", d.State, d.Attempts, explain(d.Err))
				}
			})
		})
	}
}

func TestRedirectsCountWhereTheyLeadAndCannotLockEachOtherOut(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.Parallel, w.config.PerHost = 2, 1
		swap := map[string]string{"a": "b", "b": "a"}
		for host, other := range swap {
			w.servers[host] = func(_ context.Context, r request, _ int) (*Response, error) {
				if r.url.Path != "/end" {
					return answer(302, "Location: http://"+other+"/end"), nil
				}
				return answer(200, "", piece{time.Second, "x", nil}), nil
			}
		}
		list, _ := w.fetch(ctx, "http://a/1", "http://b/1", "http://a/2", "http://b/2")
		for _, d := range list {
			if d.State != Done {
				t.Errorf("%s: %v %v", d.label(), d.State, d.Err)
			}
		}
		if w.most["a"] != 1 || w.most["b"] != 1 {
			t.Errorf("at most %d and %d at once, want 1 and 1", w.most["a"], w.most["b"])
		}
	})
}
