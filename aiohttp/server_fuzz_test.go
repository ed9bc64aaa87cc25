package aiohttp_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// FuzzServer sends bytes, cut into two pieces, to our server and to net/http's. Both
// must answer with the same statuses, take the same requests for requests, and give
// up at the same point: whoever disagrees about where a request ends can be used to
// smuggle one past the other.
func FuzzServer(f *testing.F) {
	for i, c := range rawRequests {
		if len(c.bytes) < 10_000 && c.differs == "" {
			f.Add([]byte(c.bytes), i)
			f.Add([]byte(c.bytes+"GET /after HTTP/1.1\r\nHost: x\r\n\r\n"), len(c.bytes))
		}
	}
	f.Fuzz(func(t *testing.T, sent []byte, cut int) {
		for _, word := range skipped {
			if strings.Contains(strings.ToUpper(string(sent)), word) {
				t.Skip(word)
			}
		}
		cut = max(0, min(cut, len(sent)))
		theirs := statusesOfNetHTTP(sent)
		ours := statusesOfOurs(t, sent[:cut], sent[cut:])
		if ours != theirs {
			t.Errorf("%q, cut at %d\nours:     %s\nnet/http: %s", sent, cut, ours, theirs)
		}
	})
}

func TestServerReadsByteByByteWhatItReadsAtOnce(t *testing.T) {
	for _, c := range rawRequests {
		if len(c.bytes) > 10_000 {
			continue
		}
		for _, bytes := range []string{c.bytes, "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + c.bytes} {
			one := statusesOfOurs(t, []byte(bytes))
			var pieces [][]byte
			for i := range len(bytes) {
				pieces = append(pieces, []byte(bytes[i:])[:1])
			}
			if got := statusesOfOurs(t, pieces...); got != one {
				t.Errorf("%s:\nat once:      %s\nbyte by byte: %s", c.name, one, got)
			}
		}
	}
}

// skipped are words that rawRequests has in all the ways that are meant, and that make
// others differ for no harm.
var skipped = []string{
	"PRI ",        // the preface of HTTP/2, which net/http gives to handlers
	"HEAD ",       // whose answers look as if they had bodies
	"OPTIONS *",   // whose answer does not tell that the body was cut off
	"CONNECTION:", // net/http takes "keep-alive 0" for "keep-alive" where we want the very word
	"EXPECT:",     // and "x 100-continue" for "100-continue"
}

// tell is a handler whose answer shows what the server made of the request.
func tell(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %q %q %d %v", r.Method, r.RequestURI, r.Host, len(b), err != nil)
}

func statusesOfOurs(t *testing.T, pieces ...[]byte) (told string) {
	asynciotest.Run(t, func(ctx context.Context) {
		s := &aiohttp.Server{Handler: http.HandlerFunc(tell), OnError: quiet}
		near, far := aionet.Pipe(ctx, 1<<20)
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return s.ServeConn(ctx, far) })
		for _, p := range pieces {
			near.Write(p)
			for range 5 {
				asyncio.Yield(ctx)
			}
		}
		near.CloseWrite()
		told = statuses(near)
		near.Close()
		serving.Await(ctx)
	})
	return told
}

func statusesOfNetHTTP(sent []byte) string {
	c := &canned{in: bytes.NewReader(sent), over: make(chan struct{})}
	s := &http.Server{Handler: http.HandlerFunc(tell), ErrorLog: quietLog}
	go s.Serve(&oneListener{conn: c})
	<-c.over
	return statuses(&c.out)
}

// statuses tells what comes back.
func statuses(c io.Reader) string {
	var told strings.Builder
	in := bufio.NewReader(c)
	for {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return told.String()
		}
		b, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			b = nil
		}
		if bytes.HasSuffix(b, []byte(" true")) { // the body is broken: what follows is nobody's business
			fmt.Fprintf(&told, "%s", b)
			return told.String()
		}
		fmt.Fprintf(&told, "%d %s close=%t; ", resp.StatusCode, b, resp.Close)
	}
}

// A canned connection has a client that has sent everything and reads everything.
type canned struct {
	net.Conn
	in   *bytes.Reader
	out  bytes.Buffer
	once sync.Once
	over chan struct{} // closed by Close
}

func (c *canned) Read(p []byte) (int, error)       { return c.in.Read(p) }
func (c *canned) Write(p []byte) (int, error)      { return c.out.Write(p) }
func (c *canned) LocalAddr() net.Addr              { return aionet.MemoryAddr("canned") }
func (c *canned) RemoteAddr() net.Addr             { return aionet.MemoryAddr("canned") }
func (c *canned) SetDeadline(time.Time) error      { return nil }
func (c *canned) SetReadDeadline(time.Time) error  { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }

func (c *canned) Close() error {
	c.once.Do(func() { close(c.over) })
	return nil
}

// oneListener gives one connection.
type oneListener struct{ conn net.Conn }

func (l *oneListener) Accept() (net.Conn, error) {
	c := l.conn
	if l.conn = nil; c == nil {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (l *oneListener) Close() error   { return nil }
func (l *oneListener) Addr() net.Addr { return aionet.MemoryAddr("one") }
