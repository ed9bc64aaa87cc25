package console_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// raw sends a request as it is written, but for TOKEN, and returns the answer and what
// comes after it until the console hangs up.
func raw(t *testing.T, s *console.Server, text string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprint(conn, strings.ReplaceAll(text, "TOKEN", "Authorization: Bearer "+s.Token()))
	in := bufio.NewReader(conn)
	method, _, _ := strings.Cut(text, " ")
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	rest, err := io.ReadAll(in)
	if err != nil {
		t.Errorf("the console does not hang up: %v", err)
	}
	return resp, string(rest)
}

func TestRequestsThatNoBrowserMakes(t *testing.T) {
	f := newFake(t, crowd(3)...)
	s := serve(t)
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"one without a host", "GET / HTTP/1.0\r\nTOKEN\r\n\r\n", 403},
		{"one with an empty host", "GET / HTTP/1.1\r\nHost:\r\nTOKEN\r\nConnection: close\r\n\r\n", 403},
		{"one with two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nTOKEN\r\n\r\n", 400},
		{"one through a proxy", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\nTOKEN\r\nConnection: close\r\n\r\n", 405},
		{"one for the server as a whole", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nTOKEN\r\nConnection: close\r\n\r\n", 405},
		{"such a one of another site", "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 403},
		{"one with a body", "GET /api/v1/program HTTP/1.1\r\nHost: localhost\r\nTOKEN\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody", 200},
		{"the beginning of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 403},
		{"the head of a stream", "HEAD /api/v1/" + f.of("stream") + " HTTP/1.1\r\nHost: localhost\r\nTOKEN\r\nConnection: close\r\n\r\n", 200},
		{"the head of a recording", "HEAD /api/v1/" + f.of("recording?for=10m") + " HTTP/1.1\r\nHost: localhost\r\nTOKEN\r\nConnection: close\r\n\r\n", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, rest := raw(t, s, test.text)
			expect(t, "status", resp.StatusCode, test.want)
			expect(t, "what comes after the answer", rest, "")
		})
	}
}

func TestABodyThatNeverComesIsNotWaitedForForEver(t *testing.T) {
	defer console.SetWriteTime(600 * time.Millisecond)()
	s := serve(t)
	defer s.Close()
	t.Run("of a request", func(t *testing.T) {
		for name, request := range map[string]string{
			"with the token": "GET /api/v1/program HTTP/1.1\r\nHost: localhost\r\nTOKEN\r\nContent-Length: 4\r\n\r\n",
			"without it":     "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n",
			"in pieces":      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbo",
			"that asks":      "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				raw(t, s, request)
			})
		}
	})
}

func TestNumbersThatAreNone(t *testing.T) {
	f := newFake(t, crowd(3)...)
	f.timers = []monitor.Timer{{What: "one"}, {What: "two"}}
	s := serve(t)
	lists := []string{"tasks", "timers", "descriptors", "threads", "resources", "failures"}
	for _, query := range []string{
		"limit=0", "limit=-1", "limit=1001", "limit=1e3", "limit=18446744073709551615",
		"after=1&limit=18446744073709551615", "after=-1", "after=18446744073709551616", "%zz",
	} {
		for _, list := range lists {
			resp, text := request(t, s, "/api/v1/"+f.of(list+"?"+query))
			if resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, `"error"`) {
				t.Errorf("%s?%s: %s %s", list, query, resp.Status, text)
			}
		}
	}
	for _, query := range []string{"after=2", "after=9223372036854775807"} {
		a := answer[wire.Timers](t, s, f.of("timers?"+query))
		expect(t, "timers behind the last", len(a.Timers), 0)
		expect(t, "all", a.Total, 2)
	}
}
