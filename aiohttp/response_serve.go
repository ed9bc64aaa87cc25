package aiohttp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"

	"github.com/goasyncio/asyncio"
	"golang.org/x/net/http/httpguts"
)

// A response is a request and its response, and the http.ResponseWriter of the
// handler. Its methods are in response.go and in the files that begin so.
type response struct {
	conn   *serverConn
	parsed *http.Request // as it was read
	req    *http.Request // as the handler gets it
	body   *serverBody   // nil where there is none
	cancel asyncio.CancelFunc

	header   http.Header // the handler's
	status   int         // 0 until WriteHeader
	length   int64       // what the response declares; -1 where it does not
	written  int64       // how much of the body the handler has written
	buffer   *bufio.Writer
	chunks   io.WriteCloser // where the body is sent in chunks
	trailers []string
	held     heldHeader

	committed  bool // the header is on its way
	chunked    bool
	finishing  bool // the handler has returned: what is in the buffer is the rest
	done       bool // the ResponseWriter must not be used any more
	closeAfter bool
	fullDuplex bool
	deadlines  bool // the handler has set some
	expected   bool // the client has asked for "100 Continue"
	expectsGo  bool // and has not been answered
}

// serve calls the handler and finishes the response. It reports whether the
// connection can go on.
func (x *response) serve() bool {
	defer x.end() // also where the handler calls Goexit
	c := x.conn
	ok := x.callHandler()
	if c.hijacked {
		return false
	}
	if ok {
		x.finish()
	}
	x.end()
	x.release()
	if x.req.MultipartForm != nil {
		x.req.MultipartForm.RemoveAll()
	}
	if !ok || !x.reusable() {
		c.linger = c.linger || ok && x.body != nil && !x.body.ended && c.sink.err == nil
		return false
	}
	c.resetTimeouts(x.deadlines)
	return true
}

// end ends the request's context, and makes the ResponseWriter refuse.
func (x *response) end() {
	if !x.done {
		x.done = true
		x.cancel(nil)
	}
}

// release gives the buffer back, unless a task that the handler has left behind is
// at it: then the buffers below are not to be used by others either.
func (x *response) release() {
	c := x.conn
	if c.sink.writing || x.body != nil && x.body.reading {
		c.shared, x.closeAfter = true, true
		return
	}
	if x.buffer != nil {
		x.buffer.Reset(nil)
		bodyWriters.Put(x.buffer)
		x.buffer = nil
	}
}

// callHandler reports false where the handler has panicked.
func (x *response) callHandler() (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			x.panicked(v)
		}
	}()
	x.conn.dispatch(x)
	return true
}

// dispatch gives the request to the handler. "OPTIONS *" is for the server itself.
func (c *serverConn) dispatch(x *response) {
	if x.req.RequestURI == "*" && x.req.Method == http.MethodOptions {
		x.Header().Set("Content-Length", "0")
		return
	}
	c.server.handler().ServeHTTP(x, x.req)
}

// panicked reports a panic, unless it is [http.ErrAbortHandler], by which a handler
// says that it wants the connection cut off.
func (x *response) panicked(v any) {
	if v == http.ErrAbortHandler {
		return
	}
	err, ok := v.(error)
	if !ok {
		err = fmt.Errorf("%v", v)
	}
	x.conn.server.report(asyncio.Report{
		Message: fmt.Sprintf("a handler panicked while it served %s %s for %s: the connection is closed", x.req.Method, x.req.URL.Path, x.req.RemoteAddr),
		Err:     err,
		Stack:   debug.Stack(),
	})
}

// reusable tells whether the connection can take another request.
func (x *response) reusable() bool {
	switch {
	case x.closeAfter, x.conn.sink.err != nil:
		return false
	case x.length >= 0 && x.hasBody() && x.length != x.written:
		return false // less than was declared: the client takes what follows for the rest
	case x.body != nil && !x.body.drain():
		return false
	}
	max := x.conn.server.MaxRequests
	return max <= 0 || x.conn.requests < max
}

// expect looks at what the client expects before it sends the body (RFC 9110,
// 10.1.1), and reports false where that is something we cannot give.
func (x *response) expect() bool {
	expects := x.req.Header["Expect"]
	if len(expects) == 0 {
		return true
	}
	if httpguts.HeaderValuesContainsToken(expects, "100-continue") {
		x.expected = x.req.ProtoAtLeast(1, 1) && x.req.ContentLength != 0
		x.expectsGo = x.expected
		return true
	}
	if strings.Join(expects, "") == "" {
		return true
	}
	x.cancel(nil)
	x.conn.linger = true
	x.conn.writeStatus(http.StatusExpectationFailed, "")
	return false
}

// sendContinue tells a client that waits for it to send the body.
func (x *response) sendContinue() error {
	if !x.expectsGo {
		return nil
	}
	if x.conn.sink.writing {
		return asyncio.ErrBusy
	}
	x.expectsGo = false
	x.conn.out.WriteString("HTTP/1.1 100 Continue\r\n\r\n")
	return x.conn.out.Flush()
}

// unread is how much of the body the client has still to send, or -1.
func (x *response) unread() int64 {
	if x.body == nil || x.req.ContentLength < 0 {
		return -1
	}
	return x.req.ContentLength - x.body.taken
}

// bodyTooLarge is what MaxBodyBytes does to the response.
func (x *response) bodyTooLarge() { x.closeAfter, x.conn.linger = true, true }

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
