package aionet

import (
	"context"
	"errors"
	"io"
	"slices"
)

// firstBuffer is the size in bytes that a reader's buffer begins with. It doubles where
// it turns out to be too small.
const firstBuffer = 4 << 10

// fill asks the source once and adds to the buffer what it gives, so that the buffer
// comes to hold at most most bytes, or as many as its memory has room for.
func (r *Reader) fill(ctx context.Context, most int) error {
	if r.later != nil {
		return r.pending()
	}
	r.makeRoom(most)
	n, err := r.src.ReadContext(ctx, r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+n]
	if n > 0 {
		r.later = err
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// makeRoom makes room for at least one byte. The memory doubles up to what most bytes
// need, so that a peer which announces much and sends little gets little.
func (r *Reader) makeRoom(most int) {
	held, room := r.Buffered(), cap(r.buf)-len(r.buf)
	if room < cap(r.buf)/2 && r.start > 0 && r.start >= held {
		// Only where at least half of it is read: a byte then moves once at most.
		r.buf = r.buf[:copy(r.buf, r.buf[r.start:])]
		r.start = 0
		return
	}
	if room > 0 {
		return
	}
	size := max(firstBuffer, min(2*held, most), held+1)
	grown := slices.Grow([]byte(nil), size)
	r.buf = append(grown, r.buf[r.start:]...)
	r.start = 0
}

// pending returns the error that came with the bytes before it. The end of a stream
// stays; of other errors the source tells itself whether they do.
func (r *Reader) pending() error {
	err := r.later
	if !errors.Is(err, io.EOF) {
		r.later = nil
	}
	return err
}

// take moves bytes from the buffer to p.
func (r *Reader) take(p []byte) int {
	n := copy(p, r.buf[r.start:])
	r.skip(n)
	return n
}

// cut takes n bytes, which must be there, out of the buffer.
func (r *Reader) cut(n int) []byte {
	piece := append(make([]byte, 0, n), r.buf[r.start:r.start+n]...)
	r.skip(n)
	return piece
}

// skip forgets n bytes. Memory beyond the usual, for one large piece, is given back.
func (r *Reader) skip(n int) {
	r.start += n
	if r.start < len(r.buf) {
		return
	}
	r.buf, r.start = r.buf[:0], 0
	if cap(r.buf) > r.limit+firstBuffer {
		r.buf = nil
	}
}

// incomplete is the error of a piece that the end of the stream has cut off; the bytes
// that came go with it. expected is 0 where nobody knew how many were to come.
func (r *Reader) incomplete(err error, expected int) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if r.Buffered() == 0 {
		return io.EOF
	}
	return &IncompleteReadError{Partial: r.cut(r.Buffered()), Expected: expected}
}
