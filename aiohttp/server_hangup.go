package aiohttp

import "errors"

// ErrClientGone is the cause, by context.Cause, of the end of a request's context
// where the client has hung up while the handler was at work.
var ErrClientGone = errors.New("aiohttp: the client has hung up")

// watchHangup asks the stream to tell when the client hangs up, where it can.
func (c *serverConn) watchHangup() {
	if s, ok := c.stream.(interface{ OnHangup(f func()) error }); ok {
		_ = s.OnHangup(func() {
			c.hungUp = true
			c.checkHangup()
		})
	}
}

// checkHangup ends the context of the request that is being served where its client
// has gone. A client that has sent more, a body or another request, before it closed
// its half of the connection may well wait for the answers.
func (c *serverConn) checkHangup() {
	x := c.response
	if !c.hungUp || c.hijacked || x == nil || x.body != nil && !x.body.ended || c.in.Buffered() > 0 {
		return
	}
	x.cancel(ErrClientGone)
}
