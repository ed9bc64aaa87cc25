package console_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/tape"
)

// A stream is a client that follows a loop.
type stream struct {
	t      *testing.T
	resp   *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

func follow(t *testing.T, s *console.Server, path string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+s.Addr()+"/api/v1/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Token())
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	f := &stream{t, resp, bufio.NewScanner(resp.Body), cancel}
	f.lines.Buffer(nil, 64<<20)
	t.Cleanup(f.close)
	return f
}

func (f *stream) close() {
	f.cancel()
	f.resp.Body.Close()
}

// line is the data of the next event, "" at the end.
func (f *stream) line() string {
	f.t.Helper()
	for f.lines.Scan() {
		if data, ok := strings.CutPrefix(f.lines.Text(), "data: "); ok {
			return data
		}
		if text := f.lines.Text(); text != "" {
			f.t.Errorf("the stream has %q", text)
		}
	}
	return ""
}

// until is the next line that has a part.
func (f *stream) until(part string) string {
	f.t.Helper()
	for {
		line := f.line()
		if line == "" {
			f.t.Fatalf("the stream ended before %s: %v", part, f.lines.Err())
		}
		if strings.Contains(line, part) {
			return line
		}
	}
}

func TestAStream(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	f := newFake(t, crowd(5)...)
	s := serve(t)
	defer s.Close()
	first := follow(t, s, f.of("stream"))
	t.Run("is a text/event-stream that begins with the header of a recording", func(t *testing.T) {
		expect(t, "type", first.resp.Header.Get("Content-Type"), "text/event-stream")
		var h tape.Header
		if err := json.Unmarshal([]byte(first.line()), &h); err != nil {
			t.Fatal(err)
		}
		expect(t, "format", h.Format, "asyncio-recording")
		expect(t, "loop", h.Loop, f.number)
		expect(t, "detail", h.Detail, "coarse")
	})
	t.Run("goes on with the tasks there are", func(t *testing.T) {
		if line := first.until(`"tasks"`); !strings.Contains(line, `"worker 5"`) || !strings.Contains(line, fmt.Sprintf(",%d,5,", tape.Exists)) {
			t.Errorf("it says %s", line)
		}
	})
	t.Run("says at least each second how far it is", func(t *testing.T) {
		began := time.Now()
		first.until(`"now"`)
		first.until(`"now"`)
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("that took %v", d)
		}
	})
	t.Run("is the same for who comes later", func(t *testing.T) {
		later := follow(t, s, f.of("stream"))
		later.until("asyncio-recording")
		if line := later.until(`"tasks"`); !strings.Contains(line, `"worker 5"`) {
			t.Errorf("it says %s", line)
		}
	})
	t.Run("has the reports of the loop", func(t *testing.T) {
		told(f, "something is odd")
		if line := first.until(`"warning"`); !strings.Contains(line, "something is odd") {
			t.Errorf("it says %s", line)
		}
	})
	t.Run("says that the loop does not answer, and when it does again", func(t *testing.T) {
		f.setRunning("main.culprit()")
		release := f.block()
		if line := first.until(`"blocked":{`); !strings.Contains(line, "main.culprit") {
			t.Errorf("it says %s", line)
		}
		late := follow(t, s, f.of("stream"))
		if line := late.until(`"blocked":{`); !strings.Contains(line, "main.culprit") {
			t.Errorf("who comes now hears %s", line)
		}
		release()
		first.until(`"blocked":null`)
		late.until(`"blocked":null`)
	})
	t.Run("ends with the end of the loop, which hardly waits for it", func(t *testing.T) {
		began := time.Now()
		f.finish(errors.New("it is over"))
		if d := time.Since(began); d > 2*time.Second { // 100 ms, and what a busy machine adds
			t.Errorf("the end took %v", d)
		}
		if line := first.until(`"ended"`); !strings.Contains(line, "it is over") {
			t.Errorf("it says %s", line)
		}
		expect(t, "what follows", first.line(), "")
	})
}

func TestARecording(t *testing.T) {
	f := newFake(t, crowd(5)...)
	s := serve(t)
	for _, length := range []string{"0", "0s", "150ms"} {
		t.Run("of "+length+" is a file that ends", func(t *testing.T) {
			if length != "150ms" {
				startFlight(t, console.Flight{})
			}
			resp, text := request(t, s, "/api/v1/"+f.of("recording?for="+length))
			expect(t, "status", resp.StatusCode, 200)
			expect(t, "type", resp.Header.Get("Content-Type"), "application/x-ndjson")
			expect(t, "name", resp.Header.Get("Content-Disposition"), fmt.Sprintf(`attachment; filename="asyncio-fake-%d.ndjson"`, f.number))
			summary, err := tape.Check(strings.NewReader(text), true)
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			expect(t, "tasks at the end", summary.Left, 5)
		})
	}
	t.Run("of no time is in the detail of what keeps it", func(t *testing.T) {
		startFlight(t, console.Flight{Detail: "stacks"})
		startFlight(t, console.Flight{})
		_, text := request(t, s, "/api/v1/"+f.of("recording?for=0&detail=exact"))
		if head, _, _ := strings.Cut(text, "\n"); !strings.Contains(head, `"detail":"stacks"`) {
			t.Errorf("it begins with %s", head)
		}
	})
	t.Run("of no time is none where nothing is kept", func(t *testing.T) {
		resp, text := request(t, s, "/api/v1/"+f.of("recording?for=0"))
		expect(t, "status", resp.StatusCode, 409)
		if !strings.Contains(text, "ASYNCIO_FLIGHT") {
			t.Errorf("it says %s", text)
		}
	})
	t.Run("goes on to the end of a loop that ends", func(t *testing.T) {
		f := newFake(t, crowd(5)...)
		begun := follow(t, s, f.of("recording?for=1m"))
		if !begun.lines.Scan() { // the header
			t.Fatal(begun.lines.Err())
		}
		f.finish(errors.New("it is over"))
		last := ""
		for begun.lines.Scan() {
			last = begun.lines.Text()
		}
		if !strings.Contains(last, `"ended"`) || !strings.Contains(last, "it is over") {
			t.Errorf("the last line is %s", last)
		}
	})
	for _, query := range []string{"for=11m", "for=-1s", "for=soon", "format=avi", "detail=fine"} {
		t.Run("with "+query+" is none", func(t *testing.T) {
			resp, _ := request(t, s, "/api/v1/"+f.of("recording?"+query))
			expect(t, "status", resp.StatusCode, 400)
		})
	}
	t.Run("is made for four clients at a time", func(t *testing.T) {
		f := newFake(t, crowd(1)...)
		for range 4 {
			r := follow(t, s, f.of("recording?for=1m"))
			r.lines.Scan()
		}
		resp, _ := request(t, s, "/api/v1/"+f.of("recording?for=1s"))
		expect(t, "status of the fifth", resp.StatusCode, 503)
		f.finish(nil)
	})
}

// A dumbClient asks and does not read.
type dumbClient struct {
	t    *testing.T
	path string
	conn net.Conn
}

func dumb(t *testing.T, s *console.Server, path string) *dumbClient {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	fmt.Fprintf(conn, "GET /api/v1/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n", path, s.Token())
	return &dumbClient{t, path, conn}
}

// begun waits until the answer begins.
func (d *dumbClient) begun() {
	d.t.Helper()
	if _, err := io.ReadFull(d.conn, make([]byte, 10)); err != nil {
		d.t.Fatal(err)
	}
}

// rest is what has come when the console has dropped the client.
func (d *dumbClient) rest() []byte {
	d.t.Helper()
	defer d.conn.Close()
	d.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	text, err := io.ReadAll(d.conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		d.t.Errorf("%s: still connected after %d bytes", d.path, len(text))
	}
	return text
}

func TestAClientThatDoesNotReadIsDropped(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	defer console.SetWriteTime(300 * time.Millisecond)()
	f := newFake(t, crowd(50_000)...)
	s := serve(t)
	defer s.Close()
	for what, path := range map[string]string{"of a stream": f.of("stream"), "of a recording": f.of("recording?for=1m")} {
		t.Run(what, func(t *testing.T) {
			slow := dumb(t, s, path)
			slow.begun()
			other := follow(t, s, f.of("stream"))
			// By then there is more for the slow one than fits on the way.
			other.until(`"worker 50000"`)
			for began := time.Now(); time.Since(began) < 2*time.Second; { // others go on meanwhile
				other.until(`"now"`)
			}
			if text := slow.rest(); bytes.HasSuffix(text, []byte("0\r\n\r\n")) {
				t.Errorf("it got all of %d bytes", len(text))
			}
		})
	}
	f.finish(nil)
}
