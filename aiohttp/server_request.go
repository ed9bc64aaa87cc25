package aiohttp

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/goasyncio/asyncio"
	"golang.org/x/net/http/httpguts"
)

// readRequest reads the header of a request. The parser is the standard library's.
// An error may be a refusal.
func (c *serverConn) readRequest() (*response, error) {
	if c.requests > 0 {
		if _, err := c.in.Peek(len("GET ")); err != nil {
			return nil, err // less than any request, and then the end
		}
	}
	if c.last == http.MethodPost {
		c.skipEmptyLines()
	}
	head, _ := c.in.Peek(c.in.Buffered())
	if !complete(head) {
		c.source.keep(head) // the buffer moves when more is read
	}
	parsed, err := http.ReadRequest(c.in)
	if err != nil {
		return nil, c.explain(err)
	}
	if c.source.kept {
		head = c.source.raw
	}
	c.last = parsed.Method
	c.source.unbounded()
	if err := c.check(parsed, head); err != nil {
		return nil, err
	}
	return c.newExchange(parsed), nil
}

// complete tells whether a header that begins with head ends in it, too.
func complete(head []byte) bool {
	return bytes.Contains(head, []byte("\n\r\n")) || bytes.Contains(head, []byte("\n\n"))
}

// skipEmptyLines skips the line end that some clients send after the body of a POST
// (RFC 9112, 2.2).
func (c *serverConn) skipEmptyLines() {
	b, _ := c.in.Peek(min(4, c.in.Buffered()))
	c.in.Discard(len(b) - len(bytes.TrimLeft(b, "\r\n")))
}

// newExchange is the request as the handler gets it, with a context of its own that
// ends with the request.
func (c *serverConn) newExchange(parsed *http.Request) *response {
	ctx, cancel := asyncio.WithCancel(c.ctx)
	x := &response{conn: c, parsed: parsed, cancel: cancel, length: -1}
	x.req = parsed.WithContext(ctx)
	x.req.RemoteAddr = c.remote
	x.req.TLS = c.tls
	if parsed.Body != http.NoBody {
		x.body = &serverBody{response: x, from: parsed.Body, left: c.server.MaxBodyBytes}
		x.req.Body = x.body
	}
	return x
}

// A refusal is a request that gets no further: the status tells the client why.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

// explain makes a refusal of an error of the parser where there is somebody to tell.
func (c *serverConn) explain(err error) error {
	switch {
	case c.source.hit:
		return &refusal{http.StatusRequestHeaderFieldsTooLarge, ""}
	case c.source.err != nil && c.source.err != io.EOF:
		return c.source.err
	case errors.Is(err, io.EOF) || isGone(err):
		return err
	case isUnsupportedCoding(err):
		// The value is the client's: it is not for the response (a script might be in it).
		return &refusal{http.StatusNotImplemented, "unsupported transfer encoding"}
	}
	return &refusal{http.StatusBadRequest, ""}
}

// isUnsupportedCoding knows the errors of the parser by their texts: they have no type
// that one could see.
func isUnsupportedCoding(err error) bool {
	return strings.HasPrefix(err.Error(), "unsupported transfer encoding") ||
		strings.HasPrefix(err.Error(), "too many transfer encodings")
}

// check refuses what the parser lets through and a server must not.
func (c *serverConn) check(r *http.Request, head []byte) error {
	if r.ProtoMajor != 1 {
		return &refusal{http.StatusHTTPVersionNotSupported, "unsupported protocol version"}
	}
	if n := c.server.MaxURIBytes; n > 0 && len(r.RequestURI) > n {
		return &refusal{http.StatusRequestURITooLong, ""}
	}
	if err := checkHost(r, head); err != nil {
		return err
	}
	for name, values := range r.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			return &refusal{http.StatusBadRequest, "invalid header name"}
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return &refusal{http.StatusBadRequest, "invalid header value"}
			}
		}
	}
	if n := c.server.MaxBodyBytes; n > 0 && r.ContentLength > n {
		return &refusal{http.StatusRequestEntityTooLarge, ""}
	}
	return nil
}

// checkHost holds a request to RFC 9112, 3.2. The parser takes the line of the host
// away; behind it an empty one, which is allowed where the target names no host, and a
// missing one, which is not, look alike, and so does whatever it says where the target
// names the host itself. In these rare cases the header is searched for it.
func checkHost(r *http.Request, head []byte) error {
	host, there := r.Host, true
	if host == "" || r.URL.Host != "" {
		host, there = findHost(head)
	}
	if !there && r.ProtoAtLeast(1, 1) && r.Method != http.MethodConnect {
		return &refusal{http.StatusBadRequest, "missing required Host header"}
	}
	if !httpguts.ValidHostHeader(host) {
		return &refusal{http.StatusBadRequest, "malformed Host header"}
	}
	return nil
}

// findHost is the value of the line for the host in a header that is complete and was
// found right, together with the lines into which it is folded, joined as package
// net/textproto joins them.
func findHost(head []byte) (host string, there bool) {
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		if there && !folded {
			break
		}
		if there {
			host += " " + string(bytes.TrimSpace(line))
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(name, []byte("Host")) {
			host, there = string(bytes.TrimSpace(value)), true
		} else if len(line) == 0 {
			break
		}
	}
	return strings.TrimLeft(host, " \t"), there
}

// refuse answers a request that could not be read, and gives the connection up.
func (c *serverConn) refuse(err error) {
	r, ok := err.(*refusal)
	if !ok {
		return // the client has gone
	}
	c.linger = true
	c.writeStatus(r.status, r.reason)
}

// writeStatus sends a response of a few bytes that says the same in status and body.
func (c *serverConn) writeStatus(status int, reason string) {
	text := http.StatusText(status)
	writeStatusLine(c.out, true, status)
	if reason != "" {
		text += ": " + reason
	}
	c.out.WriteString("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	writeCode(c.out, status)
	c.out.WriteString(" " + text)
	c.out.Flush()
}
