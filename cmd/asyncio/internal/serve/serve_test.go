package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

const dated = "2020-02-02T02:02:02Z" // of every file here

// longText is what the file long.bin is full of: too long for the buffers of a connection.
var longText = strings.Repeat("0123456789abcdef", 20000)

// newFolder makes a folder with files.
func newFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.txt": "0123456789", "empty": "", "long.bin": longText, ".hidden": "seen",
		"sub/<b>.txt": "b", "page/index.html": "<p>index</p>",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		at, err := time.Parse(time.RFC3339, dated)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o777)
		}
		if err == nil {
			err = os.WriteFile(path, []byte(text), 0o666)
		}
		if err == nil {
			err = os.Chtimes(path, at, at)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A world is the server in memory and under a virtual clock.
type world struct {
	t        *testing.T
	ctx      context.Context
	listener *aionet.MemoryListener
	client   *aiohttp.Client
	out      bytes.Buffer
	program  *program
	serving  *asyncio.Task[struct{}]
}

// serving runs a test with a server of a new folder. stop ends it, as Ctrl-C does.
func serving(t *testing.T, f flags, test func(ctx context.Context, w *world)) {
	t.Helper()
	dir := newFolder(t)
	asynciotest.Run(t, func(ctx context.Context) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		w := &world{t: t, ctx: ctx, listener: aionet.ListenMemory(ctx, "memory", 0, 4<<10)}
		w.client = &aiohttp.Client{Transport: &aiohttp.Transport{
			Dial: func(ctx context.Context, _, _ string) (aionet.Stream, error) { return w.listener.Dial(ctx) },
		}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		f.dir = "files"
		w.program = newProgram(f, root, &w.out)
		w.serving = asyncio.Go(ctx, func(ctx context.Context) error {
			return w.program.log.during(ctx, func(ctx context.Context) error { return w.program.serve(ctx, w.listener) })
		})
		asyncio.Yield(ctx) // it says where it serves first
		test(ctx, w)
		w.stop()
		w.client.CloseIdleConnections()
	})
}

// stop interrupts the server and waits for its end.
func (w *world) stop() {
	w.serving.Cancel(errors.New("interrupt"))
	w.serving.Await(w.ctx)
}

// said compares what the server has told, without its first line.
func (w *world) said(want ...string) {
	w.t.Helper()
	w.stop()
	first, rest, _ := strings.Cut(w.out.String(), "\n")
	if first != "Serving files at http://memory/ until Ctrl-C." {
		w.t.Errorf("it begins with %q", first)
	}
	if wanted := strings.Join(want, "\n") + "\n"; rest != wanted {
		w.t.Errorf("it says\n%swant\n%s", rest, wanted)
	}
}

// do makes a request; fields are names and values.
func (w *world) do(method, path string, fields ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequest(method, "http://memory"+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	resp, err := w.client.Do(w.ctx, req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Error(err)
	}
	return resp, string(body)
}

func TestWhatIsServed(t *testing.T) {
	for _, test := range []struct {
		name, method, path string
		fields             []string
		status             int
		body               string
		line               string
	}{
		{"a file", "GET", "/a.txt", nil, 200, "0123456789", "GET /a.txt 200 10 B 0.0 ms"},
		{"an empty file", "GET", "/empty", nil, 200, "", "GET /empty 200 0 B 0.0 ms"},
		{"a long file", "GET", "/long.bin", nil, 200, longText, "GET /long.bin 200 320.0 KB 0.0 ms"},
		{"a hidden file", "GET", "/.hidden", nil, 200, "seen", "GET /.hidden 200 4 B 0.0 ms"},
		{"no body to HEAD", "HEAD", "/long.bin", nil, 200, "", "HEAD /long.bin 200 0 B 0.0 ms"},
		{"a range", "GET", "/a.txt", []string{"Range", "bytes=2-4"}, 206, "234", "GET /a.txt 206 3 B 0.0 ms"},
		{"the rest", "GET", "/long.bin", []string{"Range", "bytes=16-"}, 206, longText[16:], "GET /long.bin 206 320.0 KB 0.0 ms"},
		{"the last bytes", "GET", "/a.txt", []string{"Range", "bytes=-2"}, 206, "89", "GET /a.txt 206 2 B 0.0 ms"},
		{"all, where several ranges are asked for", "GET", "/a.txt", []string{"Range", "bytes=0-1,3-4"}, 200, "0123456789",
			"GET /a.txt 200 10 B 0.0 ms"},
		{"no range beyond the end", "GET", "/a.txt", []string{"Range", "bytes=10-"}, 416, "invalid range: failed to overlap\n",
			"GET /a.txt 416 33 B 0.0 ms"},
		{"nothing that has not changed", "GET", "/a.txt", []string{"If-Modified-Since", "Sun, 02 Feb 2020 02:02:02 GMT"}, 304, "",
			"GET /a.txt 304 0 B 0.0 ms"},
		{"a folder's index", "GET", "/page/", nil, 200, "<p>index</p>", "GET /page/ 200 12 B 0.0 ms"},
		{"a folder's list, with names escaped", "GET", "/sub/", nil, 200,
			"<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n<a href=\"%3Cb%3E.txt\">&lt;b&gt;.txt</a>\n</pre>\n",
			"GET /sub/ 200 121 B 0.0 ms"},
		{"a folder by its name with a slash", "GET", "/sub", nil, 301, "", "GET /sub 301 0 B 0.0 ms"},
		{"what is not there", "GET", "/b.txt?x=1", nil, 404, "404 page not found\n", "GET /b.txt?x=1 404 19 B 0.0 ms"},
		{"nothing below a file", "GET", "/a.txt/b", nil, 404, "404 page not found\n", "GET /a.txt/b 404 19 B 0.0 ms"},
		{"nothing above the folder", "GET", "/../../etc/passwd", nil, 404, "404 page not found\n", "GET /../../etc/passwd 404 19 B 0.0 ms"},
		{"no name that no file can have", "GET", "/a%00b", nil, 404, "404 page not found\n", "GET /a%00b 404 19 B 0.0 ms"},
		{"no name that is too long", "GET", "/" + strings.Repeat("n", 300), nil, 404, "404 page not found\n",
			"GET /" + strings.Repeat("n", 300) + " 404 19 B 0.0 ms"},
		{"no control characters to the terminal", "GET", "/%1b%5b2J", nil, 404, "404 page not found\n", "GET /%1b%5b2J 404 19 B 0.0 ms"},
		{"no other methods", "PUT", "/a.txt", nil, 405, "405 this server only serves files\n", "PUT /a.txt 405 34 B 0.0 ms"},
	} {
		t.Run(test.name, func(t *testing.T) {
			serving(t, flags{}, func(ctx context.Context, w *world) {
				resp, body := w.do(test.method, test.path, test.fields...)
				if resp.StatusCode != test.status || body != test.body {
					t.Errorf("%s: %d bytes %.200q; want %d, %d bytes %.200q", resp.Status, len(body), body, test.status, len(test.body), test.body)
				}
				w.stop()
				if lines := strings.Split(w.out.String(), "\n"); lines[1] != test.line {
					t.Errorf("told as %q, want %q", lines[1], test.line)
				}
			})
		})
	}
}

func TestARequestIsToldWithItsTime(t *testing.T) {
	serving(t, flags{}, func(ctx context.Context, w *world) {
		req, _ := http.NewRequest("GET", "http://memory/long.bin", nil)
		resp, err := w.client.Do(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		asyncio.Sleep(ctx, 2*time.Second) // the buffers are full meanwhile
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		w.do("GET", "/a.txt")
		w.said("GET /long.bin 200 320.0 KB 2.0 s", "GET /a.txt 200 10 B 0.0 ms", "Served 2 requests, 320.0 KB, in 2.0 s.")
	})
}

func TestAClientThatLeavesIsTold(t *testing.T) {
	serving(t, flags{}, func(ctx context.Context, w *world) {
		c, err := w.listener.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "GET /long.bin HTTP/1.1\r\nHost: memory\r\n\r\n")
		asyncio.Sleep(ctx, time.Second)
		c.Abort()
		asyncio.Sleep(ctx, time.Second)
		w.stop()
		if line := strings.Split(w.out.String(), "\n")[1]; !strings.HasPrefix(line, "GET /long.bin 200 ") || !strings.HasSuffix(line, " 1.0 s, cut off") {
			t.Errorf("told as %q", line)
		}
	})
}

func TestTheEndIsGentle(t *testing.T) {
	for _, test := range []struct {
		name    string
		pause   time.Duration // of the client, after the interrupt
		arrives bool
		line    string
		took    time.Duration
	}{
		{"what is under way is sent", 9 * time.Second, true, "GET /long.bin 200 320.0 KB 9.0 s", 9 * time.Second},
		{"but nobody has more than ten seconds", time.Minute, false, " 10.0 s, cut off", 10 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			serving(t, flags{}, func(ctx context.Context, w *world) {
				req, _ := http.NewRequest("GET", "http://memory/long.bin", nil)
				resp, err := w.client.Do(ctx, req)
				if err != nil {
					t.Fatal(err)
				}
				interrupted := asyncio.Now(ctx)
				w.serving.Cancel(errors.New("interrupt"))
				slow := asyncio.Go(ctx, func(ctx context.Context) error {
					defer resp.Body.Close()
					asyncio.Sleep(ctx, test.pause)
					n, err := io.Copy(io.Discard, resp.Body)
					if arrived := n == int64(len(longText)) && err == nil; arrived != test.arrives {
						t.Errorf("%d bytes, %v", n, err)
					}
					return nil
				})
				w.serving.Await(ctx)
				if took := asyncio.Now(ctx).Sub(interrupted).Round(time.Second); took < test.took || took > test.took+time.Second {
					t.Errorf("the server ended after %v, want %v", took, test.took)
				}
				if _, err := w.listener.Dial(ctx); err == nil {
					t.Error("the server still accepts")
				}
				if line := strings.Split(w.out.String(), "\n")[1]; !strings.HasSuffix(line, test.line) {
					t.Errorf("told as %q, want %q", line, test.line)
				}
				slow.Await(ctx)
			})
		})
	}
}

func TestQuietTellsNoRequests(t *testing.T) {
	serving(t, flags{quiet: true}, func(ctx context.Context, w *world) {
		w.do("GET", "/a.txt")
		w.said("Served 1 request, 10 B, in 0.00 s.")
	})
}
