package aiohttp

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync"

	"github.com/goasyncio/asyncio"
)

// errReturned is what a ResponseWriter says after the end of its handler.
var errReturned = errors.New("aiohttp: the handler of this request has returned: its ResponseWriter must not be used any more")

// bodyWriters collect the beginning of a body: where all of it fits in, its length is
// known before the header goes, and both go in one write.
var bodyWriters = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 2<<10) }}

// Header implements [http.ResponseWriter].
func (x *response) Header() http.Header {
	if x.header == nil {
		x.header = make(http.Header)
	}
	return x.header
}

// Write implements [http.ResponseWriter]. It waits for the client where the
// connection is full.
func (x *response) Write(p []byte) (int, error) {
	if err := x.admit(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	return x.buffer.Write(p)
}

// WriteString implements [io.StringWriter].
func (x *response) WriteString(p string) (int, error) {
	if err := x.admit(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	return x.buffer.WriteString(p)
}

// admit looks whether n more bytes of the body may be written, and counts them.
func (x *response) admit(n int) error {
	if err := x.usable(); err != nil {
		return err
	}
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !bodyAllowed(x.status) {
		return http.ErrBodyNotAllowed
	}
	x.written += int64(n)
	if x.length >= 0 && x.written > x.length {
		return http.ErrContentLength
	}
	if x.buffer == nil {
		x.buffer = bodyWriters.Get().(*bufio.Writer)
		x.buffer.Reset((*bodySink)(x))
	}
	return nil
}

// usable is the error of a call that comes at the wrong time.
func (x *response) usable() error {
	switch {
	case x.conn.hijacked:
		return http.ErrHijacked
	case x.done:
		return errReturned
	case x.conn.sink.writing:
		return asyncio.ErrBusy
	}
	return nil
}

// WriteHeader implements [http.ResponseWriter]. From here on a change of the header
// has no effect, but for trailers.
func (x *response) WriteHeader(status int) {
	if err := x.usable(); err != nil {
		x.misuse("WriteHeader: " + err.Error())
		return
	}
	if x.status != 0 {
		x.misuse("superfluous WriteHeader")
		return
	}
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("aiohttp: WriteHeader(%d): a status has three digits", status))
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		x.writeInformational(status)
		return
	}
	x.expectsGo = false
	x.status = status
	x.writeHead()
}

// writeInformational sends a header before the real one (RFC 9110, 15.2). The handler
// goes on with the same header map (RFC 8297).
func (x *response) writeInformational(status int) {
	if status == http.StatusContinue {
		x.expectsGo = false
	}
	if !x.req.ProtoAtLeast(1, 1) {
		return // HTTP/1.0 knows no such thing
	}
	writeStatusLine(x.conn.out, true, status)
	x.header.WriteSubset(x.conn.out, bodyHeaders)
	x.conn.out.WriteString("\r\n")
	x.conn.out.Flush()
}

// FlushError sends what has been written so far; see [http.ResponseController].
func (x *response) FlushError() error {
	if err := x.usable(); err != nil {
		return err
	}
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if x.buffer != nil {
		if err := x.buffer.Flush(); err != nil {
			return err
		}
	}
	x.commit(nil)
	return x.conn.out.Flush()
}

// Flush implements [http.Flusher].
func (x *response) Flush() { _ = x.FlushError() }

// finish sends what is left when the handler has returned.
func (x *response) finish() {
	if x.conn.sink.writing { // a task that the handler has left behind
		x.closeAfter = true
		return
	}
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	x.finishing = true
	if x.buffer != nil {
		x.buffer.Flush()
	}
	x.commit(nil)
	x.endBody()
	x.conn.out.Flush()
}

// misuse reports a call that the handler should not have made, with its place.
func (x *response) misuse(what string) {
	where := "an unknown place"
	if f, ok := caller(); ok {
		where = fmt.Sprintf("%s (%s:%d)", f.Function, path.Base(f.File), f.Line)
	}
	x.conn.server.report(asyncio.Report{Message: fmt.Sprintf("%s, by %s", what, where)})
}

// caller is the nearest function on the stack that is not of this package.
func caller() (runtime.Frame, bool) {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "/aiohttp.") {
			return f, f.Function != ""
		}
		if !more {
			return f, false
		}
	}
}
