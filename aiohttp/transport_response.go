package aiohttp

import (
	"math"
	"net/http"
	"net/textproto"
)

// receive reads the header of the response, after those of informational ones.
func (x *exchange) receive(out *http.Request) (*http.Response, error) {
	c := x.conn
	c.reading = x.life
	c.limit = x.headerLimit()
	if _, err := c.br.Peek(1); err != nil {
		return nil, err
	}
	x.heard = true
	if x.trace != nil && x.trace.GotFirstResponseByte != nil {
		x.trace.GotFirstResponseByte()
	}
	for {
		resp, err := http.ReadResponse(c.br, out)
		if err != nil {
			return nil, err
		}
		if !isInformational(resp.StatusCode) {
			c.limit = math.MaxInt64
			return resp, nil
		}
		if err := x.inform(resp); err != nil {
			return nil, err
		}
	}
}

func (x *exchange) headerLimit() int64 {
	if n := x.transport.MaxResponseHeaderBytes; n > 0 {
		return n
	}
	return defaultMaxResponseHeader
}

// isInformational tells the responses before the final one. 101 is final: after it
// the connection speaks another protocol.
func isInformational(status int) bool {
	return status >= 100 && status <= 199 && status != http.StatusSwitchingProtocols
}

// inform tells of an informational response.
func (x *exchange) inform(resp *http.Response) error {
	if resp.StatusCode == http.StatusContinue {
		if x.trace != nil && x.trace.Got100Continue != nil && x.body != nil && x.body.held {
			x.trace.Got100Continue()
		}
		x.body.release(true)
	}
	if x.trace != nil && x.trace.Got1xxResponse != nil {
		// Who is told of every one can stop them.
		x.conn.limit = x.headerLimit()
		return x.trace.Got1xxResponse(resp.StatusCode, textproto.MIMEHeader(resp.Header))
	}
	return nil
}

// deliver makes the response one that the caller can have.
func (x *exchange) deliver(resp *http.Response) *http.Response {
	x.answered = true
	if x.sent {
		x.hush()
	}
	resp.TLS = x.conn.secured
	x.body.release(false)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = x.handOver()
		return resp
	}
	x.keep = !resp.Close && !x.req.Close && !x.transport.DisableKeepAlives && resp.StatusCode > 199
	if resp.Body == http.NoBody {
		x.finished()
		return resp
	}
	body := &responseBody{exchange: x, raw: resp.Body, src: resp.Body}
	if x.packed && isGzip(resp.Header) {
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength = -1
		resp.Uncompressed = true
		body.src = &gunzip{packed: resp.Body}
	}
	resp.Body = body
	return resp
}
