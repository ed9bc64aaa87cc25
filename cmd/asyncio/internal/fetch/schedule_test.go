package fetch

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestThreeServersOneOfThemSlowTakeAsLongAsTheSlowOne(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.servers["a"] = after(time.Second, "A")
		w.servers["b"] = after(3*time.Second, "B")
		w.servers["c"] = after(2*time.Second, "C")
		list, took := w.fetch(ctx, "http://a/a", "http://b/b", "http://c/c")
		if took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
		s := summarize(list)
		if s.Took != took || s.OneByOne != 6*time.Second || s.Done != 3 || s.Bytes != 3 {
			t.Errorf("summary %+v, want 3 done, 3 bytes, 3s, 6s one after another", s)
		}
		for _, name := range []string{"a", "b", "c"} {
			if w.disk.files[name] != string(name[0]-'a'+'A') {
				t.Errorf("file %s has %q", name, w.disk.files[name])
			}
		}
	})
}

func TestTheBoundOnAllDownloadsIsReachedAndNeverExceeded(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.Parallel, w.config.PerHost = 3, 100
		var addresses []string
		for i := range 10 {
			host := fmt.Sprintf("h%d", i%5)
			w.servers[host] = after(time.Second, "x")
			addresses = append(addresses, fmt.Sprintf("http://%s/%d", host, i))
		}
		_, took := w.fetch(ctx, addresses...)
		if w.most[""] != 3 || took != 4*time.Second {
			t.Errorf("at most %d at once in %v, want 3 in 4s", w.most[""], took)
		}
	})
}

func TestTheBoundOnOneHostLeavesTheOthersAlone(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.Parallel, w.config.PerHost = 4, 2
		w.servers["slow"] = after(10*time.Second, "x")
		w.servers["fast"] = after(time.Second, "x")
		var addresses []string
		for i := range 6 {
			addresses = append(addresses, fmt.Sprintf("http://slow/%d", i))
		}
		list, took := w.fetch(ctx, append(addresses, "http://fast/1", "http://fast/2")...)
		if w.most["slow"] != 2 || took != 30*time.Second {
			t.Errorf("at most %d at once from the slow host in %v, want 2 in 30s", w.most["slow"], took)
		}
		for _, d := range list[6:] {
			if d.Busy() != time.Second || w.asked[0].at != 0 {
				t.Errorf("%s took %v, want 1s: the slow host's queue held it up", d.label(), d.Busy())
			}
		}
		if first := list[6].Finished.Sub(list[0].Began); first != time.Second {
			t.Errorf("the fast host was done after %v, want 1s", first)
		}
	})
}

func TestDownloadsOfOneHostBeginInTheOrderOfTheList(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.PerHost = 1
		w.servers["h"] = after(time.Second, "x")
		w.fetch(ctx, "http://h/1", "http://h/2", "http://h/3")
		for i, r := range w.asked {
			if want := fmt.Sprintf("/%d", i+1); r.url.Path != want || r.at != time.Duration(i)*time.Second {
				t.Errorf("request %d was for %s after %v, want %s after %ds", i+1, r.url.Path, r.at, want, i)
			}
		}
	})
}

func TestAFailureDisturbsNoOther(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.servers["good"] = after(5*time.Second, "good")
		w.servers["gone"] = statuses("", "", 404)
		list, took := w.fetch(ctx, "http://gone/x", "no address", "http://good/x")
		if list[0].State != Failed || list[1].State != Failed || list[2].State != Done || took != 5*time.Second {
			t.Errorf("got %v, %v, %v in %v, want failed, failed, done in 5s", list[0].State, list[1].State, list[2].State, took)
		}
		if list[0].Status != 404 || list[0].Attempts != 1 {
			t.Errorf("status %d after %d attempts, want 404 after 1", list[0].Status, list[0].Attempts)
		}
	})
}

func TestASilentServerIsGivenUp(t *testing.T) {
	t.Run("before the header", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.config.Backoff.Retries = 0
			w.servers["h"] = func(ctx context.Context, _ request, _ int) (*Response, error) {
				return nil, asyncio.Sleep(ctx, time.Hour)
			}
			wantTimeout(t, w.one(ctx, "http://h/x"), 30*time.Second, "no answer for 30s (--timeout)")
		})
	})
	t.Run("in the middle of the body", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.config.Backoff.Retries = 0
			w.servers["h"] = func(context.Context, request, int) (*Response, error) {
				return answer(200, "", piece{20 * time.Second, "be", nil}, piece{time.Hour, "gin", nil}), nil
			}
			wantTimeout(t, w.one(ctx, "http://h/x"), 50*time.Second, "the server was silent for 30s (--timeout)")
		})
	})
	t.Run("but not one that is slow and steady", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.servers["h"] = func(context.Context, request, int) (*Response, error) {
				var body []piece
				for range 100 {
					body = append(body, piece{29 * time.Second, "x", nil})
				}
				return answer(200, "", body...), nil
			}
			if d := w.one(ctx, "http://h/x"); d.State != Done || d.Busy() != 2900*time.Second {
				t.Errorf("%v after %v, want done after 48m20s", d.State, d.Busy())
			}
		})
	})
}

func wantTimeout(t *testing.T, d *Download, took time.Duration, message string) {
	t.Helper()
	var timeout interface{ Timeout() bool }
	if d.State != Failed || d.Busy() != took || explain(d.Err) != message {
		t.Errorf("%v after %v: %v, want failed after %v: %s", d.State, d.Busy(), d.Err, took, message)
	}
	if !errors.As(d.Err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v is no timeout", d.Err)
	}
}

func TestTheTimeLimitOfOneFile(t *testing.T) {
	t.Run("covers all its attempts", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.config.MaxTime = 10 * time.Second
			w.config.Backoff = Backoff{Retries: 1000, Base: time.Second, Max: time.Second}
			w.servers["h"] = func(context.Context, request, int) (*Response, error) { return answer(503, ""), nil }
			wantTimeout(t, w.one(ctx, "http://h/x"), 10*time.Second, "not done within 10s (--max-time)")
		})
	})
	t.Run("does not count the time in the queue", func(t *testing.T) {
		run(t, func(ctx context.Context, w *world) {
			w.config.MaxTime, w.config.PerHost = 10*time.Second, 1
			w.servers["h"] = after(9*time.Second, "x")
			list, _ := w.fetch(ctx, "http://h/1", "http://h/2", "http://h/3")
			for _, d := range list {
				if d.State != Done {
					t.Errorf("%s: %v %v", d.label(), d.State, d.Err)
				}
			}
		})
	})
}

func TestAnInterrupt(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.PerHost = 2
		version := "ETag: \"v1\"\nContent-Length: 5"
		w.servers["h"] = func(_ context.Context, r request, _ int) (*Response, error) {
			switch r.url.Path {
			case "/done":
				return answer(200, "", piece{time.Second, "done", nil}), nil
			case "/part":
				return answer(200, version, piece{time.Second, "be", nil}, piece{time.Hour, "gin", nil}), nil
			}
			return answer(200, "", piece{time.Second, "be", nil}, piece{time.Hour, "gin", nil}), nil
		}
		why := errors.New("the user has had enough")
		work := asyncio.CreateTask(ctx, func(ctx context.Context) ([]*Download, error) {
			list, _ := w.fetch(ctx, "http://h/done", "http://h/part", "http://h/lost", "http://h/queued")
			return list, nil
		})
		asyncio.Sleep(ctx, 5*time.Second)
		work.Cancel(why)
		list, err := work.Await(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Run("keeps what is done", func(t *testing.T) {
			if list[0].State != Done || w.disk.files["done"] != "done" || len(w.disk.files) != 1 {
				t.Errorf("%v, files %q", list[0].State, w.disk.files)
			}
		})
		t.Run("ends the others at once and says why", func(t *testing.T) {
			for _, d := range list[1:] {
				if d.State != Interrupted || !errors.Is(d.Err, why) {
					t.Errorf("%s: %v, %v", d.label(), d.State, d.Err)
				}
			}
		})
		t.Run("keeps a part that can be resumed, and says so", func(t *testing.T) {
			want := "stopped http://h/part: had 2 B of 5 B; kept: the same command goes on from there"
			if got := failLine(list[1]); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
		t.Run("keeps no part that nobody could trust, and says so", func(t *testing.T) {
			want := "stopped http://h/lost: had 2 B of 5 B; not kept: the server cannot go on from there"
			if got := failLine(list[2]); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
		t.Run("counts what had not begun", func(t *testing.T) {
			want := "1 of 4 files, 3 interrupted (1 of them not begun); 8 B in 5.0 s"
			if got := summarize(list).String(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	})
}
