package aiohttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/aiohttp"
)

// rawRequests are bytes of all sorts, among them what is used to smuggle a request
// past one server to another. Each is sent to a server of net/http and to ours, and
// both must answer alike: by the same statuses, by the same bodies, and by closing the
// connection or not, which shows when the same is sent with another request behind it.
var rawRequests = []struct {
	name, bytes string
	differs     string // what we do otherwise, and that is meant: "" where nothing
}{
	{name: "a plain request", bytes: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "HTTP/1.0 without a host", bytes: "GET / HTTP/1.0\r\n\r\n"},
	{name: "HTTP/1.0 with keep-alive", bytes: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
	{name: "HTTP/1.1 with close", bytes: "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"},
	{name: "HTTP/1.1 with close among other options", bytes: "GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n"},
	{name: "no host", bytes: "GET / HTTP/1.1\r\n\r\n"},
	{name: "an empty host", bytes: "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
	{name: "an empty host with white space", bytes: "GET / HTTP/1.1\r\nhOST:  \r\n\r\n"},
	{name: "two hosts", bytes: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
	{name: "a host with a space", bytes: "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
	{name: "a host with a slash", bytes: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
	{name: "a host with a NUL", bytes: "GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n"},
	{name: "an IPv6 host", bytes: "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
	{name: "absolute form", bytes: "GET http://example.com/path?q HTTP/1.1\r\nHost: example.com\r\n\r\n"},
	{name: "absolute form without a host line", bytes: "GET http://example.com/path HTTP/1.1\r\n\r\n"},
	{name: "absolute form with another host", bytes: "GET http://example.com/path HTTP/1.1\r\nHost: other\r\n\r\n"},
	{name: "absolute form with a malformed host line", bytes: "GET http://example.com/path HTTP/1.1\r\nHost: a b\r\n\r\n"},
	{name: "CONNECT", bytes: "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"},
	{name: "absolute form with a folded host line", bytes: "GET http://example.com/path HTTP/1.1\r\nHost: a\r\n \r\n\r\n"},
	{name: "absolute form with an empty host line, folded", bytes: "GET http://example.com/path HTTP/1.1\r\nHost: \r\n \r\n\r\n"},
	{name: "absolute form with a host in the folded line", bytes: "GET http://example.com/path HTTP/1.1\r\nHost:\r\n\t\r\n a\r\n\r\n"},
	{name: "absolute form with a host in two folded lines", bytes: "GET http://example.com/path HTTP/1.1\r\nHost:\r\n a\r\n b\r\n\r\n"},
	{name: "a folded host line", bytes: "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"},
	{name: "CONNECT without a host line", bytes: "CONNECT example.com:443 HTTP/1.1\r\n\r\n"},
	{name: "OPTIONS *", bytes: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "OPTIONS * with a body", bytes: "OPTIONS * HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "GET *", bytes: "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "HEAD", bytes: "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "an unknown method", bytes: "BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a method in lower case", bytes: "get / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a method with a bad byte", bytes: "G(T / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "no method", bytes: " / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "two spaces in the first line", bytes: "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a space in the target", bytes: "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a NUL in the target", bytes: "GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a bad escape in the target", bytes: "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a target without a slash", bytes: "GET path HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a target with two slashes", bytes: "GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "no version", bytes: "GET /\r\n\r\n"},
	{name: "HTTP/0.9", bytes: "GET / HTTP/0.9\r\nHost: x\r\n\r\n"},
	{name: "HTTP/1.2", bytes: "GET / HTTP/1.2\r\nHost: x\r\n\r\n"},
	{name: "HTTP/2.0", bytes: "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
	{name: "HTTP/11.1", bytes: "GET / HTTP/11.1\r\nHost: x\r\n\r\n"},
	{name: "a version in lower case", bytes: "GET / http/1.1\r\nHost: x\r\n\r\n"},
	{name: "not HTTP at all", bytes: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"},
	{name: "nothing but line ends", bytes: "\r\n\r\n"},
	{name: "an empty line before the first request", bytes: "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "bare LF", bytes: "GET / HTTP/1.1\nHost: x\n\n"},
	{name: "bare CR in a value", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n"},
	{name: "a folded line", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"},
	{name: "a folded first line", bytes: "GET / HTTP/1.1\r\n Host: x\r\n\r\n"},
	{name: "a space before the colon", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n"},
	{name: "a line without a colon", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n"},
	{name: "an empty name", bytes: "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n"},
	{name: "a bad byte in a name", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA(: b\r\n\r\n"},
	{name: "a name with UTF-8", bytes: "GET / HTTP/1.1\r\nHost: x\r\nÄ: b\r\n\r\n"},
	{name: "a NUL in a value", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n"},
	{name: "a DEL in a value", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: b\x7fc\r\n\r\n"},
	{name: "bytes above 127 in a value", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: \xff\xfe\r\n\r\n"},
	{name: "a body by length", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "a body in chunks", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
	{name: "chunks with extensions and trailers", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n"},
	{name: "a body of a GET", bytes: "GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "a body that is not read", bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "two requests at once", bytes: "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a line end after the body of a POST", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "smuggling: length and chunks", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"},
	{name: "smuggling: chunks and length", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGPOST / HTTP/1.1\r\n"},
	{name: "smuggling: two equal lengths", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "smuggling: two lengths", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\nabc"},
	{name: "smuggling: a list of lengths", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc"},
	{name: "a negative length", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\nabc"},
	{name: "a length with a plus", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc"},
	{name: "a length in hexadecimal", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc"},
	{name: "an empty length", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n"},
	{name: "a length that overflows", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"},
	{name: "smuggling: two codings", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
	{name: "smuggling: two lines of codings", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
	{name: "smuggling: an unknown coding", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
	{name: "smuggling: a coding with a vertical tab", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"},
	{name: "gzip as a coding", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
	{name: "identity as a coding", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "chunks in HTTP/1.0", bytes: "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
	{name: "a chunk with a bad size", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
	{name: "a chunk with a sign", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"},
	{name: "a chunk that is longer than it says", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
	{name: "a chunk whose size overflows", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n"},
	{name: "chunks with bare LF", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n"},
	{name: "an unread body in bad chunks", bytes: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "an expectation that nobody knows", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "100-continue", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "100-continue in capitals", bytes: "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "100-continue and a body that is not read", bytes: "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"},
	{name: "100-continue without a body", bytes: "GET /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"},
	{name: "100-continue in HTTP/1.0", bytes: "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "the preface of HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		differs: "net/http lets a handler have the preface; ours answers that it speaks HTTP/1"},
	{name: "a header of 1.1 MB in one field", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 1100<<10) + "\r\n\r\n"},
	{name: "a header of 1.1 MB in many fields", bytes: "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: "+strings.Repeat("a", 97)+"\r\n", 11000) + "\r\n"},
	{name: "a target of 1.1 MB", bytes: "GET /" + strings.Repeat("a", 1100<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a header of 100 KB", bytes: "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 100<<10) + "\r\n\r\n"},
	{name: "204", bytes: "GET /204 HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "304", bytes: "GET /304 HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a stream", bytes: "GET /flush HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "HEAD of a stream", bytes: "HEAD /flush HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a stream in HTTP/1.0", bytes: "GET /flush HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
	{name: "a long body", bytes: "GET /long HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "trailers", bytes: "GET /trailers HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "more than the handler has declared", bytes: "GET /more HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "less than the handler has declared", bytes: "GET /less HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "identity as the coding of a response", bytes: "GET /identity HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "early hints", bytes: "GET /hints HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "line ends in a value of the handler's", bytes: "GET /inject HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a status that nobody knows", bytes: "GET /799 HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a handler that aborts", bytes: "GET /abort HTTP/1.1\r\nHost: x\r\n\r\n"},
	{name: "a handler that sets its own type and date", bytes: "GET /own HTTP/1.1\r\nHost: x\r\n\r\n"},
}

// rawHandler is served by both.
func rawHandler(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/echo":
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%q %v %v", b, err != nil, r.Trailer)
	case "/204", "/304", "/799":
		var status int
		fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.Header().Set("X-Own", "1")
		w.WriteHeader(status)
		fmt.Fprint(w, "a body")
	case "/flush":
		fmt.Fprint(w, "one")
		w.(http.Flusher).Flush()
		fmt.Fprint(w, "two")
	case "/long":
		fmt.Fprint(w, strings.Repeat("0123456789", 10000))
	case "/trailers":
		w.Header().Set("Trailer", "After, Content-Length")
		fmt.Fprint(w, "body")
		w.Header().Set("After", "all")
		w.Header().Set(http.TrailerPrefix+"Unannounced", "yes")
	case "/more", "/less":
		w.Header().Set("Content-Length", "3")
		fmt.Fprint(w, map[string]string{"/more": "abcd", "/less": "a"}[r.URL.Path])
	case "/identity":
		w.Header().Set("Transfer-Encoding", "identity")
		fmt.Fprint(w, "to the end")
	case "/hints":
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		fmt.Fprint(w, "then")
	case "/inject":
		w.Header().Set("A", "b\r\nInjected: yes")
		w.Header().Set("Connection", "x\r\nInjected: yes")
	case "/abort":
		panic(http.ErrAbortHandler)
	case "/own":
		w.Header()["Date"] = nil
		w.Header().Set("Content-Type", "text/x-own")
		fmt.Fprint(w, "<html>")
	default:
		fmt.Fprintf(w, "%s %s %s %q", r.Method, r.RequestURI, r.Host, r.Header["A"])
	}
}

func TestServerAnswersRawBytesAsNetHTTPDoes(t *testing.T) {
	theirs := httptest.NewUnstartedServer(http.HandlerFunc(rawHandler))
	theirs.Config.ErrorLog = quietLog
	theirs.Start()
	defer theirs.Close()
	onLoopback(t, &aiohttp.Server{Handler: http.HandlerFunc(rawHandler), OnError: quiet}, func(addr string) {
		for _, c := range rawRequests {
			t.Run(c.name, func(t *testing.T) {
				for _, bytes := range []string{c.bytes, c.bytes + "GET /after HTTP/1.1\r\nHost: x\r\n\r\n"} {
					want, got := exchangeRaw(t, theirs.Listener.Addr().String(), bytes), exchangeRaw(t, addr, bytes)
					if c.differs != "" {
						if got == want {
							t.Errorf("they do not differ any more: %s", c.differs)
						}
					} else if got != want {
						t.Errorf("ours:\n%s\nnet/http:\n%s", got, want)
					}
				}
			})
		}
	})
}

// exchangeRaw sends bytes and the end of the stream, and tells which responses came
// back, without what differs from run to run.
func exchangeRaw(t *testing.T, addr, bytes string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	go func() { // the server may answer before it has read everything
		io.WriteString(c, bytes)
		c.(*net.TCPConn).CloseWrite()
	}()
	var out strings.Builder
	r := bufio.NewReader(c)
	for {
		method, _, _ := strings.Cut(bytes, " ")
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return out.String()
		}
		body, err := io.ReadAll(resp.Body)
		if resp.Close && resp.StatusCode >= 400 { // a refusal: its words are everybody's own
			fmt.Fprintf(&out, "%s %d close %v\n", resp.Proto, resp.StatusCode, err)
			continue
		}
		if resp.Header.Get("Date") != "" {
			resp.Header.Set("Date", "…")
		}
		if len(body) > 1000 {
			body = fmt.Appendf(nil, "%d bytes", len(body))
		}
		fmt.Fprintf(&out, "%s %d close=%t length=%d %v %v\n%q %v %v\n", resp.Proto, resp.StatusCode, resp.Close,
			resp.ContentLength, resp.TransferEncoding, resp.Header, body, err, resp.Trailer)
	}
}
