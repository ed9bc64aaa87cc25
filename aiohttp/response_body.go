package aiohttp

import (
	"io"
	"net/http"
	"net/http/httputil"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// A bodySink is what is below the buffer of the body.
type bodySink response

// Write gets pieces of the body that are ready to be sent.
func (b *bodySink) Write(p []byte) (int, error) {
	x := (*response)(b)
	x.commit(p)
	switch {
	case !x.hasBody():
		return len(p), nil
	case x.chunked:
		if x.chunks == nil {
			x.chunks = httputil.NewChunkedWriter(x.conn.out)
		}
		return x.chunks.Write(p)
	}
	return x.conn.out.Write(p)
}

// endBody ends a body that is sent in chunks, with its trailers.
func (x *response) endBody() {
	if !x.chunked {
		return
	}
	if x.chunks == nil {
		x.chunks = httputil.NewChunkedWriter(x.conn.out)
	}
	x.chunks.Close()
	x.finalTrailers().Write(x.conn.out)
	x.conn.out.WriteString("\r\n")
}

// declareTrailers takes names from a field "Trailer" of the handler's.
func (x *response) declareTrailers(names string) {
	for name := range strings.SplitSeq(names, ",") {
		name = http.CanonicalHeaderKey(strings.TrimSpace(name))
		if httpguts.ValidTrailerHeader(name) {
			x.trailers = append(x.trailers, name)
		}
	}
}

// finalTrailers are the trailers with the values that they have at the end: those that
// were declared, and those that have the prefix.
func (x *response) finalTrailers() http.Header {
	if len(x.trailers) == 0 && len(x.header) == 0 {
		return nil
	}
	all := http.Header{}
	for name, values := range x.header {
		if bare, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			all[bare] = values
		}
	}
	for _, name := range x.trailers {
		all[name] = append(all[name], x.header[name]...)
	}
	return all
}

// sniffBytes is how much of a body tells its type.
const sniffBytes = 512

// ReadFrom implements [io.ReaderFrom]: it copies without a buffer in between, by
// sendfile, where the connection can.
func (x *response) ReadFrom(from io.Reader) (n int64, err error) {
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	direct, ok := x.conn.stream.(io.ReaderFrom)
	if !ok {
		return io.CopyBuffer(writeOnly{x}, from, *buf)
	}
	if !x.committed { // so that the type can be told, and nothing is sent before there is something
		n, err = io.CopyBuffer(writeOnly{x}, io.LimitReader(from, sniffBytes), *buf)
		if err != nil || n < sniffBytes {
			return n, err
		}
	}
	if err := x.FlushError(); err != nil {
		return n, err
	}
	if x.chunked || !x.hasBody() || x.length < 0 {
		k, err := io.CopyBuffer(writeOnly{x}, from, *buf)
		return n + k, err
	}
	k, err := x.copyDirect(direct, from)
	return n + k, err
}

// copyDirect gives the rest to the connection, but not more than the header declares.
func (x *response) copyDirect(direct io.ReaderFrom, from io.Reader) (int64, error) {
	limited, ok := from.(*io.LimitedReader)
	if rest := x.length - x.written; !ok || limited.N > rest {
		limited = &io.LimitedReader{R: from, N: rest}
	}
	x.conn.sink.writing = true
	n, err := direct.ReadFrom(limited)
	x.conn.sink.writing = false
	x.written += n
	if err != nil {
		x.closeAfter = true
	}
	return n, err
}

// writeOnly hides ReadFrom from io.Copy, which would come back to it.
type writeOnly struct{ io.Writer }
