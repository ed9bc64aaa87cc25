package fetch

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

const whole = "0123456789"

// ranged is a good server: it sends what is asked for, of the version that it has.
func ranged(text, header string) handler {
	return func(_ context.Context, r request, _ int) (*Response, error) {
		span := r.header.Get("Range")
		if span == "" || r.header.Get("If-Range") != answer(200, header).Header.Get("ETag") {
			return answer(200, header, piece{0, text, nil}), nil
		}
		var from int
		fmt.Sscanf(span, "bytes=%d-", &from)
		if from >= len(text) {
			return answer(416, fmt.Sprintf("Content-Range: bytes */%d", len(text))), nil
		}
		header := fmt.Sprintf("%s\nContent-Range: bytes %d-%d/%d", header, from, len(text)-1, len(text))
		return answer(206, header, piece{0, text[from:], nil}), nil
	}
}

// cutAt makes the first answer of a server break off after n bytes.
func cutAt(n int, header string, then handler) handler {
	return func(ctx context.Context, r request, k int) (*Response, error) {
		if k == 1 {
			header := fmt.Sprintf("%s\nContent-Length: %d", header, len(whole))
			return answer(200, header, piece{0, whole[:n], io.ErrUnexpectedEOF}), nil
		}
		return then(ctx, r, k)
	}
}

func TestABodyThatIsCutShortIsGoneOnWith(t *testing.T) {
	for _, c := range []struct{ what, header, ifRange string }{
		{"by its ETag", `ETag: "v1"`, `"v1"`},
		{"by its ETag rather than its date", "ETag: \"v1\"\nLast-Modified: Mon, 02 Jan 2006 15:04:05 GMT", `"v1"`},
		{"by its date", "Last-Modified: Mon, 02 Jan 2006 15:04:05 GMT", "Mon, 02 Jan 2006 15:04:05 GMT"},
		{"from the beginning, if its ETag is weak", `ETag: W/"v1"`, ""},
		{"from the beginning, if nothing says which file it is", "", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			run(t, func(ctx context.Context, w *world) {
				w.servers["h"] = cutAt(4, c.header, func(_ context.Context, r request, _ int) (*Response, error) {
					if r.header.Get("Range") == "" {
						return answer(200, c.header, piece{0, whole, nil}), nil
					}
					return answer(206, c.header+"\nContent-Range: bytes 4-9/10", piece{0, whole[4:], nil}), nil
				})
				d := w.one(ctx, "http://h/x")
				if d.State != Done || w.disk.files["x"] != whole || d.Attempts != 2 {
					t.Fatalf("%v after %d attempts, file %q: %v", d.State, d.Attempts, w.disk.files["x"], d.Err)
				}
				second := w.asked[1].header
				if second.Get("If-Range") != c.ifRange || (second.Get("Range") == "bytes=4-") != (c.ifRange != "") {
					t.Errorf("asked for %q if %q, want if %q", second.Get("Range"), second.Get("If-Range"), c.ifRange)
				}
				if want := int64(len(whole)); d.Got != want || c.ifRange != "" && d.Received != want {
					t.Errorf("got %d, received %d, want %d", d.Got, d.Received, want)
				}
			})
		})
	}
}

func TestABodyThatStaysCutShortFails(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.config.Backoff.Retries = 2
		w.servers["h"] = func(context.Context, request, int) (*Response, error) {
			return answer(200, "Content-Length: 10", piece{0, "0123", nil}), nil
		}
		d := w.one(ctx, "http://h/x")
		want := "the body was cut short: 4 of 10 bytes came (after 3 attempts)"
		if d.State != Failed || explain(d.Err) != want || len(w.disk.files) != 0 {
			t.Errorf("%v: %s, files %q", d.State, explain(d.Err), w.disk.files)
		}
	})
}

func TestWhatAnEarlierRunLeftIsResumed(t *testing.T) {
	const address, version = "http://h/x", `ETag: "v1"`
	old := Version{ETag: `"v1"`, Total: int64(len(whole))}
	for _, c := range []struct {
		what     string
		left     string
		version  Version
		server   handler
		received int64
	}{
		{"where the server knows how", whole[:7], old, ranged(whole, version), 3},
		{"where nothing is missing but the name", whole, old, ranged(whole, version), 0},
		{"anew, where the file has changed", "abcdefg", Version{ETag: `"v0"`, Total: 10}, ranged(whole, version), 10},
		{"anew, where the server ignores ranges", whole[:7], old, after(0, whole), 10},
		{"anew, where the part is longer than the file", whole + "!", old, ranged(whole, version), 10},
		{"anew, where nothing says what the part is of", "abcdefg", Version{Total: -1}, ranged(whole, version), 10},
		{"anew, where the server sends another part", whole[:7], old,
			wrongPart("ETag: \"v1\"\nContent-Range: bytes 5-9/10", whole[5:]), 10},
		{"anew, where the server sends a part of another file", whole[:7], old,
			wrongPart("ETag: \"v2\"\nContent-Range: bytes 7-9/10", "xyz"), 10},
		{"anew, where the server does not send all of the rest", whole[:7], old,
			wrongPart("ETag: \"v1\"\nContent-Range: bytes 7-8/10", "78"), 10},
		{"anew, where the server does not say which part it sends", whole[:7], old, wrongPart("", whole[7:]), 10},
		{"anew, where the length is a lie", whole[:7], old, wrongPart("Content-Range: bytes 7-9/10", "78"), 10},
	} {
		t.Run(c.what, func(t *testing.T) {
			run(t, func(ctx context.Context, w *world) {
				w.servers["h"] = c.server
				w.disk.left(address, c.left, c.version)
				d := w.one(ctx, address)
				if d.State != Done || w.disk.files["x"] != whole {
					t.Fatalf("%v, file %q: %v", d.State, w.disk.files["x"], d.Err)
				}
				if resumed := 10 - c.received; d.Received != c.received || d.Resumed != resumed {
					t.Errorf("received %d, resumed %d, want %d, %d", d.Received, d.Resumed, c.received, resumed)
				}
			})
		})
	}
}

// wrongPart is a server that answers a request for a part with this one, whatever it is.
func wrongPart(header, text string) handler {
	return func(_ context.Context, r request, _ int) (*Response, error) {
		if r.header.Get("Range") == "" {
			return answer(200, "", piece{0, whole, nil}), nil
		}
		return answer(206, header, piece{0, text, nil}), nil
	}
}

func TestAPartThatNobodyAskedForIsRefused(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		w.servers["h"] = func(context.Context, request, int) (*Response, error) {
			return answer(206, "Content-Range: bytes 0-3/10", piece{0, "0123", nil}), nil
		}
		d := w.one(ctx, "http://h/x")
		if d.State != Failed || d.Attempts != 1 || !strings.Contains(explain(d.Err), "was asked for all of it") {
			t.Errorf("%v after %d attempts: %s", d.State, d.Attempts, explain(d.Err))
		}
	})
}

func TestSilenceInTheMiddleIsGoneOnWithToo(t *testing.T) {
	run(t, func(ctx context.Context, w *world) {
		good := ranged(whole, `ETag: "v1"`)
		w.servers["h"] = func(ctx context.Context, r request, n int) (*Response, error) {
			if n == 1 {
				return answer(200, `ETag: "v1"`, piece{0, whole[:4], nil}, piece{time.Hour, whole[4:], nil}), nil
			}
			return good(ctx, r, n)
		}
		d := w.one(ctx, "http://h/x")
		if d.State != Done || w.disk.files["x"] != whole || d.Received != 10 {
			t.Errorf("%v, file %q, received %d: %v", d.State, w.disk.files["x"], d.Received, d.Err)
		}
	})
}

func TestContentRange(t *testing.T) {
	for _, c := range []struct {
		text               string
		first, last, total int64
		ok                 bool
	}{
		{"bytes 5-9/10", 5, 9, 10, true},
		{"bytes 5-9/*", 5, 9, -1, true},
		{"bytes */10", -1, -1, 10, true},
		{"bytes 9-5/10", 9, 5, 10, false},
		{"bytes 5-10/10", 5, 10, 10, false},
		{"bytes -5-9/10", 0, 0, 10, false},
		{"bytes 5/10", 5, 0, 10, false},
		{"lines 5-9/10", -1, -1, -1, false},
		{"bytes 5-9", -1, -1, -1, false},
		{"bytes 5-99999999999999999999/*", 5, 0, -1, false},
		{"", -1, -1, -1, false},
	} {
		first, last, total, ok := contentRange(c.text)
		if ok != c.ok || ok && (first != c.first || last != c.last || total != c.total) {
			t.Errorf("contentRange(%q) = %d, %d, %d, %v", c.text, first, last, total, ok)
		}
	}
}
