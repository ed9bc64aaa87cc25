package aiohttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/goasyncio/asyncio"
)

// An exchange is one request and its response on one connection. It owns the
// connection until both have ended, and then gives it back to the pool, or closes it.
//
// The caller's task reads. A body that may have to wait is written by a task of its
// own, because a server may answer before it has read everything.
type exchange struct {
	transport *Transport
	conn      *conn
	req       *http.Request
	trace     *httptrace.ClientTrace

	// life stands under the context of the request and ends with the exchange. When
	// the context ends the connection is gone in the same step, whoever has the body.
	life context.Context
	end  asyncio.CancelFunc

	body     *requestBody // nil where the body cannot wait
	packed   bool         // we have asked for gzip
	began    int64        // what the connection had written before
	heard    bool         // a byte of the response has come
	answered bool         // the header of the response is there
	sent     bool         // the writer has ended,
	sendErr  error        // with this error
	read     bool         // the response has been read to its end
	keep     bool         // the connection can serve again, says the response
	timer    *asyncio.Handle
	over     bool
	err      error // why it was given up
}

// The patience of an exchange with a peer that does things in an unusual order.
const (
	// lateWriter is how long a connection whose response has been read waits for
	// the end of the request before it is given up.
	lateWriter = 50 * time.Millisecond
	// lastWords is how long a response may take after sending the request failed:
	// a server that refuses a large body answers, and closes without reading it.
	lastWords = time.Second
)

// afterFuncer is what the contexts of a loop have for the standard library: f runs
// on the loop, in the step in which the context ends.
type afterFuncer interface {
	AfterFunc(f func()) (stop func() bool)
}

func newExchange(t *Transport, c *conn, req *http.Request) *exchange {
	x := &exchange{
		transport: t, conn: c, req: req, began: c.written,
		trace: httptrace.ContextClientTrace(req.Context()),
	}
	x.life, x.end = asyncio.WithCancel(req.Context())
	if x.life.Err() != nil {
		x.fail(x.life.Err())
	} else {
		x.life.(afterFuncer).AfterFunc(func() { x.fail(context.Cause(x.life)) })
	}
	return x
}

// roundTrip is the exchange up to the header of the response.
func (x *exchange) roundTrip() (*http.Response, error) {
	defer func() {
		if !x.answered { // also where the loop ends the task by force
			x.fail(errOver)
		}
	}()
	out, err := x.outgoing()
	if err == nil {
		err = x.send(out)
	} else {
		closeBody(x.req)
	}
	if err != nil {
		return nil, x.failed(err)
	}
	resp, err := x.receive(out)
	if err != nil {
		return nil, x.failed(err)
	}
	return x.deliver(resp), nil
}

// send writes the request, or starts the task that does.
func (x *exchange) send(out *http.Request) error {
	if x.body == nil {
		x.wrote(x.write(x.life, out))
		return x.sendErr
	}
	asyncio.Go(x.life, func(ctx context.Context) error {
		defer func() {
			if !x.sent { // the body has panicked
				x.fail(errors.New("aiohttp: the body of the request panicked"))
			}
		}()
		x.wrote(x.write(ctx, out))
		return nil
	}, asyncio.TaskName("body of the request to "+x.conn.route.String()))
	return nil
}

func (x *exchange) write(ctx context.Context, out *http.Request) (err error) {
	c := x.conn
	c.writing = ctx
	if c.route.forwards() {
		err = out.WriteProxy(c.bw)
	} else {
		err = out.Write(c.bw)
	}
	if err == nil {
		err = c.bw.Flush()
	}
	return err
}

// wrote is called when the writer has ended.
func (x *exchange) wrote(err error) {
	x.sent, x.sendErr = true, err
	switch {
	case x.over:
	case x.body != nil && x.body.err != nil:
		x.fail(x.body.err) // it is the user's, and says more than any other
	case x.read:
		x.settle()
	case x.answered: // what is left is to read
	case err != nil && x.body != nil && !errors.Is(err, errRefused):
		x.after(lastWords, err)
	case err == nil && x.transport.ResponseHeaderTimeout > 0:
		x.after(x.transport.ResponseHeaderTimeout, errHeaderTimeout)
	}
}

// after gives the exchange up in a while, if nothing happens.
func (x *exchange) after(d time.Duration, err error) {
	x.hush()
	x.timer = asyncio.CallLater(x.life, d, func() { x.fail(err) })
}

func (x *exchange) hush() {
	if x.timer != nil {
		x.timer.Cancel()
		x.timer = nil
	}
}

// finished is called when the response has been read to its end.
func (x *exchange) finished() {
	x.read = true
	x.settle()
}

// settle decides what becomes of the connection when the response has been read.
func (x *exchange) settle() {
	c := x.conn
	switch {
	case !x.keep || c.ended || c.br.Buffered() > 0 || x.sent && x.sendErr != nil:
		x.leave(c.close)
	case !x.sent:
		x.after(lateWriter, errors.New("aiohttp: the server answered without reading the request to its end"))
	default:
		x.leave(func() { x.recycle() })
	}
}

func (x *exchange) recycle() {
	x.conn.pool.put(x.req.Context(), x.conn)
	if x.trace != nil && x.trace.PutIdleConn != nil {
		x.trace.PutIdleConn(nil)
	}
}

// fail gives the exchange up, and its connection: nobody waits on it any more.
func (x *exchange) fail(err error) {
	if !x.over {
		x.err = err
		x.leave(x.conn.abort)
	}
}

// leave ends the exchange. What is left of the writer is cancelled.
func (x *exchange) leave(conn func()) {
	if x.over {
		return
	}
	x.over = true
	x.hush()
	conn()
	x.end(errOver)
}

// failed ends the exchange and finds the error that says most: the context's, which
// must look like everybody's, what the exchange was given up for, or err.
func (x *exchange) failed(err error) error {
	retry := x.mayRetry(err)
	x.fail(err)
	if ctxErr := asyncio.Checkpoint(x.req.Context()); ctxErr != nil {
		return ctxErr
	}
	switch {
	case errors.Is(err, errHeaderTooLarge):
		return errHeaderTooLarge
	case retry:
		return &retryError{err}
	case x.body != nil && x.body.err != nil:
		err = x.body.err // also where the body is slow to close, and the writer has not told yet
	case x.err != nil:
		err = x.err
	}
	if err == io.EOF && !x.heard {
		err = errNoAnswer
	}
	return err
}

// Errors of a RoundTrip that come from neither the platform nor the context.
var (
	errOver     = errors.New("aiohttp: the exchange is over")
	errNoAnswer = &answerError{io.ErrUnexpectedEOF, "the server closed the connection without an answer"}
)

// errHeaderTimeout is what a caller with its own timeouts understands.
var errHeaderTimeout error = &answerError{context.DeadlineExceeded, "no header of a response within ResponseHeaderTimeout"}

// An answerError is a well-known error that says in which way it has come about.
type answerError struct {
	is   error
	text string
}

func (e *answerError) Error() string { return "aiohttp: " + e.text }
func (e *answerError) Unwrap() error { return e.is }

// Timeout implements the interface by which callers know a timeout, as url.Error does.
func (e *answerError) Timeout() bool { return e.is == context.DeadlineExceeded }
