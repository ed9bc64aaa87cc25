package aiohttp

import (
	"bufio"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/goasyncio/asyncio"
	"golang.org/x/net/http/httpguts"
)

// A heldHeader is the part of the handler's header that is written only when the
// length of the body and the end of the connection are decided.
type heldHeader struct {
	connection []string
	coding     string // Transfer-Encoding
	hasDate    bool
	hasType    bool
	encoded    bool // has a Content-Encoding
	upgrade    bool
	trailers   bool
}

// Fields that writeHead leaves to commit, and those that a response without a body
// does not have.
var (
	heldHeaders = map[string]bool{"Connection": true, "Content-Length": true, "Transfer-Encoding": true}
	notModified = map[string]bool{"Connection": true, "Content-Length": true, "Transfer-Encoding": true, "Content-Type": true}
	bodyHeaders = map[string]bool{"Content-Length": true, "Transfer-Encoding": true}
)

// writeHead puts the status line and the handler's header into the buffer of the
// connection. That takes the place of a copy of the map: later changes have no effect.
func (x *response) writeHead() {
	h := x.header
	x.hold(h)
	writeStatusLine(x.conn.out, x.req.ProtoAtLeast(1, 1), x.status)
	exclude := heldHeaders
	if x.status == http.StatusNotModified {
		exclude = notModified
	}
	if x.held.trailers {
		exclude = excludeTrailers(exclude, h)
	}
	h.WriteSubset(x.conn.out, exclude)
}

// hold remembers what commit needs of the handler's header.
func (x *response) hold(h http.Header) {
	if len(h) == 0 {
		return
	}
	_, x.held.hasDate = h["Date"]
	_, x.held.hasType = h["Content-Type"]
	x.held.connection = h["Connection"]
	x.held.coding = h.Get("Transfer-Encoding")
	x.held.encoded = h.Get("Content-Encoding") != ""
	x.held.upgrade = h.Get("Upgrade") != ""
	x.holdLength(h)
	for name := range h {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			x.held.trailers = true
		}
	}
	for _, names := range h["Trailer"] {
		x.held.trailers = true
		x.declareTrailers(names)
	}
}

// holdLength takes the length that the handler declares.
func (x *response) holdLength(h http.Header) {
	declared := h.Get("Content-Length")
	if declared == "" {
		return
	}
	n, err := strconv.ParseInt(declared, 10, 64)
	if err != nil || n < 0 {
		x.misuse(fmt.Sprintf("invalid Content-Length %q", declared))
		return
	}
	x.length = n
	if c := x.held.coding; c != "" && c != "identity" {
		x.misuse(fmt.Sprintf("WriteHeader with the Transfer-Encoding %q and a Content-Length", c))
		x.length = -1
	}
}

// commit decides what is left and writes the rest of the header. p is the beginning
// of the body.
func (x *response) commit(p []byte) {
	if x.committed {
		return
	}
	x.committed = true
	if x.finishing && x.length < 0 && !x.held.trailers && x.held.coding == "" && bodyAllowed(x.status) && (x.hasBody() || len(p) > 0) {
		x.length = int64(len(p))
	}
	keepAlive := x.decideConnection()
	x.settleBody()
	out := x.conn.out
	if bodyAllowed(x.status) && !x.held.hasType && !x.held.encoded && x.held.coding == "" && len(p) > 0 {
		writeField(out, "Content-Type: ", http.DetectContentType(p))
	}
	if !x.held.hasDate {
		out.WriteString("Date: ")
		x.conn.server.date.write(out, asyncio.Now(x.conn.clock))
		out.WriteString("\r\n")
	}
	x.writeFraming(out)
	x.writeConnection(out, keepAlive)
	out.WriteString("\r\n")
}

// decideConnection tells whether the connection is to be closed after the response,
// and returns whether a client of HTTP/1.0 is to be told that it is not.
func (x *response) decideConnection() (keepAlive bool) {
	c := x.conn
	framed := x.length >= 0 || !x.hasBody()
	connection := x.req.Header["Connection"]
	wantsClose := x.req.Close || httpguts.HeaderValuesContainsToken(connection, "close")
	if !x.req.ProtoAtLeast(1, 1) {
		keepAlive = framed && !wantsClose && httpguts.HeaderValuesContainsToken(connection, "keep-alive")
		wantsClose = !keepAlive
	}
	max := c.server.MaxRequests
	if wantsClose || c.server.conns.Closing() || max > 0 && c.requests >= max ||
		httpguts.HeaderValuesContainsToken(x.held.connection, "close") {
		x.closeAfter = true
	}
	return keepAlive
}

// settleBody reads what the handler has not read of the request before the response
// begins: many a client reads nothing before it has sent everything. It gives up
// where that is too much, and does not ask a client for a body that nobody wants.
func (x *response) settleBody() {
	b := x.body
	switch {
	case b == nil || x.closeAfter || b.ended:
	case x.expected:
		x.closeAfter = true
	case !x.fullDuplex:
		x.conn.sink.writing = true // the buffers are in use while it waits
		ended := b.drain()
		x.conn.sink.writing = false
		if !ended {
			x.closeAfter, x.conn.linger = true, true
		}
	}
}

// writeFraming writes how the client finds the end of the body (RFC 9112, 6).
func (x *response) writeFraming(out *bufio.Writer) {
	coding := x.held.coding
	switch {
	case !bodyAllowed(x.status):
	case x.length >= 0:
		out.WriteString("Content-Length: ")
		out.Write(strconv.AppendInt(out.AvailableBuffer(), x.length, 10))
		out.WriteString("\r\n")
	case !x.hasBody():
	case !x.req.ProtoAtLeast(1, 1) || coding == "identity":
		x.closeAfter = true // the end of the connection is the end of the body
	default:
		if coding != "" && coding != "chunked" {
			writeField(out, "Transfer-Encoding: ", coding)
		}
		out.WriteString("Transfer-Encoding: chunked\r\n")
		x.chunked = true
	}
}

func (x *response) writeConnection(out *bufio.Writer, keepAlive bool) {
	switching := x.status == http.StatusSwitchingProtocols && x.held.upgrade
	switch {
	case x.closeAfter && !switching:
		if x.req.ProtoAtLeast(1, 1) {
			out.WriteString("Connection: close\r\n")
		}
	case len(x.held.connection) > 0:
		for _, v := range x.held.connection {
			writeField(out, "Connection: ", v)
		}
	case keepAlive:
		out.WriteString("Connection: keep-alive\r\n")
	}
}

// lineEnds are what a value must not have: it would begin another field.
var lineEnds = strings.NewReplacer("\r", " ", "\n", " ")

func writeField(out *bufio.Writer, name, value string) {
	out.WriteString(name)
	lineEnds.WriteString(out, value)
	out.WriteString("\r\n")
}

// hasBody tells whether the response has a body on the wire.
func (x *response) hasBody() bool {
	return x.req.Method != http.MethodHead && bodyAllowed(x.status)
}

// bodyAllowed tells whether a response with this status may have a body (RFC 9110,
// 6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

func excludeTrailers(fields map[string]bool, h http.Header) map[string]bool {
	fields = maps.Clone(fields)
	for name := range h {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			fields[name] = true
		}
	}
	return fields
}

// writeStatusLine writes the first line of a response.
func writeStatusLine(out *bufio.Writer, http11 bool, status int) {
	if http11 {
		out.WriteString("HTTP/1.1 ")
	} else {
		out.WriteString("HTTP/1.0 ")
	}
	writeCode(out, status)
	out.WriteByte(' ')
	if text := http.StatusText(status); text != "" {
		out.WriteString(text)
	} else {
		out.WriteString("status code ")
		writeCode(out, status)
	}
	out.WriteString("\r\n")
}

func writeCode(out *bufio.Writer, status int) {
	out.Write(strconv.AppendInt(out.AvailableBuffer(), int64(status), 10))
}
