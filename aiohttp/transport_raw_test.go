package aiohttp_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/asynciotest"
)

// What may come over the wire, with and against the rules of RFC 9112. Each answer is
// given to our transport and to package net/http's, which must make the same of it: the
// same status and body, an error where the other has one, and a connection that is
// used again or is not.
var rawAnswers = map[string]string{
	"plain":                           "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"no reason":                       "HTTP/1.1 200\nContent-Length: 2\n\nok",
	"a reason of nothing":             "HTTP/1.1 200 \nContent-Length: 2\n\nok",
	"HTTP/1.0":                        "HTTP/1.0 200 OK\nContent-Length: 2\n\nok",
	"HTTP/1.0 that keeps alive":       "HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 2\n\nok",
	"HTTP/1.2":                        "HTTP/1.2 200 OK\nContent-Length: 2\n\nok",
	"HTTP/2.0":                        "HTTP/2.0 200 OK\nContent-Length: 2\n\nok",
	"HTTP/9":                          "HTTP/9 200 OK\n\n",
	"not HTTP":                        "SSH-2.0-OpenSSH_9.6\n\n",
	"nothing":                         "",
	"an empty line first":             "\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"a status of two digits":          "HTTP/1.1 20 OK\n\n",
	"a status of four digits":         "HTTP/1.1 2000 OK\n\n",
	"a negative status":               "HTTP/1.1 -10 OK\n\n",
	"a status of letters":             "HTTP/1.1 abc OK\n\n",
	"status 000":                      "HTTP/1.1 000 OK\nContent-Length: 2\n\nok",
	"status 999":                      "HTTP/1.1 999 OK\nContent-Length: 2\n\nok",
	"no status":                       "HTTP/1.1\n\n",
	"bare LF":                         "HTTP/1.1 200 OK\x00Content-Length: 2\x00\x00ok",
	"Content-Length twice, equal":     "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nok",
	"Content-Length twice, different": "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 3\n\nok",
	"Content-Length as a list":        "HTTP/1.1 200 OK\nContent-Length: 2, 2\n\nok",
	"a negative Content-Length":       "HTTP/1.1 200 OK\nContent-Length: -2\n\nok",
	"a Content-Length with a plus":    "HTTP/1.1 200 OK\nContent-Length: +2\n\nok",
	"a hexadecimal Content-Length":    "HTTP/1.1 200 OK\nContent-Length: 0x2\n\nok",
	"an empty Content-Length":         "HTTP/1.1 200 OK\nContent-Length:\n\nok",
	"a huge Content-Length":           "HTTP/1.1 200 OK\nContent-Length: 99999999999999999999\n\nok",
	"Content-Length and chunks":       "HTTP/1.1 200 OK\nContent-Length: 9\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
	"chunks":                          "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\no\n1\nk\n0\n\n",
	"chunks with extensions":          "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2;a=b\nok\n0\n\n",
	"chunks with a trailer":           "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\nA: b\n\n",
	"chunks with a broken trailer":    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\nA b\n\n",
	"chunks in upper case":            "HTTP/1.1 200 OK\nTransfer-Encoding: CHUNKED\n\n2\nok\n0\n\n",
	"a chunk of a bad size":           "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nxyz\nok\n0\n\n",
	"a chunk of a negative size":      "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n-2\nok\n0\n\n",
	"a chunk of a huge size":          "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nfffffffffffffffff\nok\n0\n\n",
	"a chunk longer than its size":    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nok\n0\n\n",
	"chunks of HTTP/1.0":              "HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
	"an unknown coding":               "HTTP/1.1 200 OK\nTransfer-Encoding: squeezed\n\nok",
	"two codings":                     "HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n2\nok\n0\n\n",
	"chunked twice":                   "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
	"identity":                        "HTTP/1.1 200 OK\nTransfer-Encoding: identity\nContent-Length: 2\n\nok",
	"a body until the end":            "HTTP/1.1 200 OK\n\nok",
	"Connection: close":               "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nok",
	"Connection: Close, X":            "HTTP/1.1 200 OK\nConnection: Close, X\nContent-Length: 2\n\nok",
	"204 with a body":                 "HTTP/1.1 204 No Content\nContent-Length: 2\n\nok",
	"204 without":                     "HTTP/1.1 204 No Content\n\n",
	"205 without a length":            "HTTP/1.1 205 Reset Content\n\n",
	"304 with a length":               "HTTP/1.1 304 Not Modified\nContent-Length: 2\n\n",
	"304 with chunks":                 "HTTP/1.1 304 Not Modified\nTransfer-Encoding: chunked\n\n",
	"more than was announced":         "HTTP/1.1 200 OK\nContent-Length: 2\n\nokay",
	"less than was announced":         "HTTP/1.1 200 OK\nContent-Length: 4\n\nok",
	"a line folded":                   "HTTP/1.1 200 OK\nA: b\n c\nContent-Length: 2\n\nok",
	"the first line folded":           "HTTP/1.1 200 OK\n A: b\nContent-Length: 2\n\nok",
	"a field without a colon":         "HTTP/1.1 200 OK\nA\nContent-Length: 2\n\nok",
	"a field without a name":          "HTTP/1.1 200 OK\n: a\nContent-Length: 2\n\nok",
	"a blank before the colon":        "HTTP/1.1 200 OK\nContent-Length : 2\n\nok",
	"a control character in a name":   "HTTP/1.1 200 OK\nA\x01: b\nContent-Length: 2\n\nok",
	"a control character in a value":  "HTTP/1.1 200 OK\nA: b\x01\nContent-Length: 2\n\nok",
	"bytes above ASCII in a value":    "HTTP/1.1 200 OK\nA: \xff\xfe\nContent-Length: 2\n\nok",
	"a CR in a value":                 "HTTP/1.1 200 OK\nA: b\rc\nContent-Length: 2\n\nok",
	"a header that ends":              "HTTP/1.1 200 OK\nContent-Length: 2\n",
	"a long line":                     "HTTP/1.1 200 OK\nA: " + strings.Repeat("a", 20_000) + "\nContent-Length: 2\n\nok",
	"many fields":                     "HTTP/1.1 200 OK\n" + strings.Repeat("A: b\n", 2000) + "Content-Length: 2\n\nok",
	"100 before":                      "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"100 with a length":               "HTTP/1.1 100 Continue\nContent-Length: 5\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"seven hints before":              strings.Repeat("HTTP/1.1 103 Early Hints\nLink: a\n\n", 7) + "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"199 before":                      "HTTP/1.1 199 Odd\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"100 and no more":                 "HTTP/1.1 100 Continue\n\n",
	"two answers":                     "HTTP/1.1 200 OK\nContent-Length: 2\n\nokHTTP/1.1 200 OK\nContent-Length: 4\n\nevil",
	"a redirect that nobody follows":  "HTTP/1.1 302 Found\nLocation: /\nContent-Length: 2\n\nok",
	"a gzip of lies":                  "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 2\n\nok",
}

// differently are the answers after which the number of connections is another, and why.
var differently = map[string]string{
	"more than was announced": "theirs may send the second request before it sees that there is more",
	"two answers":             "theirs may take the second answer for that of the second request",
	"204 with a body":         "theirs may send the second request before it sees that there is more",
	"a gzip of lies":          "ours gives the connection up after any error of a body",
}

// raw is an answer as it goes over the wire.
func raw(answer string) string {
	return strings.ReplaceAll(strings.ReplaceAll(answer, "\n", "\r\n"), "\x00", "\n")
}

// An outcome is what a transport makes of two requests to a server that gives the
// answer once for each request, and closes its connection where there is no second.
type outcome struct {
	status      int
	body        string
	failed      bool // there is no response
	broken      bool // its body ended with an error
	connections int
}

func TestRawAnswersAreWhatTheyAreToTheStandardTransport(t *testing.T) {
	log.SetOutput(io.Discard) // theirs writes about unsolicited responses
	defer log.SetOutput(os.Stderr)
	for name, answer := range rawAnswers {
		t.Run(name, func(t *testing.T) {
			want := standardOutcome(t, raw(answer))
			var got outcome
			asynciotest.Run(t, func(ctx context.Context) {
				s := newSite(ctx, t, 1<<20, func(ctx context.Context, p *peer, _ int) error {
					serveRaw(p.br, p, raw(answer))
					return nil
				})
				got = twice(ctx, s.client, "http://site/")
				got.connections = len(s.dialed)
			})
			if differently[name] != "" {
				want.connections = 2
			}
			if got != want {
				t.Errorf("%q\n ours: %+v\n theirs: %+v", answer, got, want)
			}
		})
	}
}

// serveRaw is the server of one connection. It closes what the client cannot use again
// only if the client does: but where no second request comes the test would hang, so
// it gives each answer and then looks for the next request.
func serveRaw(br *bufio.Reader, w io.Writer, answer string) {
	for {
		if _, err := http.ReadRequest(br); err != nil {
			return
		}
		io.WriteString(w, answer)
		if incomplete(answer) {
			return
		}
	}
}

// incomplete tells the answers that only the end of the connection ends.
func incomplete(answer string) bool {
	r := bufio.NewReader(strings.NewReader(answer))
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.Close {
			return true
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return true
		}
		if resp.StatusCode >= 200 {
			return false
		}
	}
}

// twice asks twice and tells what came of the first request.
func twice(ctx context.Context, transport http.RoundTripper, address string) outcome {
	first := ask(ctx, transport, address)
	ask(ctx, transport, address)
	return first
}

func ask(ctx context.Context, transport http.RoundTripper, address string) outcome {
	resp, err := transport.RoundTrip(newRequest(ctx, "GET", address, nil))
	if err != nil {
		return outcome{failed: true}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return outcome{status: resp.StatusCode, body: string(body), broken: err != nil}
}

// standardOutcome is what package net/http makes of an answer, over loopback.
func standardOutcome(t *testing.T, answer string) (o outcome) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	made := make(chan int, 1)
	go func() {
		n := 0
		for {
			c, err := l.Accept()
			if err != nil {
				made <- n
				return
			}
			n++
			go func() {
				defer c.Close()
				serveRaw(bufio.NewReader(c), c, answer)
			}()
		}
	}()
	transport := new(http.Transport)
	o = twice(t.Context(), transport, "http://"+l.Addr().String())
	transport.CloseIdleConnections()
	l.Close()
	o.connections = <-made
	return o
}
