package aionet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/goasyncio/asyncio"
)

// A Source is what a [Reader] reads from: every [Stream] is one, and so is a Reader.
type Source interface {
	io.Reader
	ReadContext(ctx context.Context, p []byte) (int, error)
}

// A Reader reads lines, delimited pieces and exact numbers of bytes from a stream,
// through a bounded buffer. It asks the source only when it is asked itself, so that a
// peer which sends faster than the program reads is held up (rule N2).
//
// A wait that is cancelled loses nothing: what had come stays in the buffer, for the
// next call. The same holds for an error of the source, a deadline included, and for a
// [LimitError]. A Reader belongs to the task that uses it: a second one gets
// [asyncio.ErrBusy] (rule N1). Do not read from the source itself meanwhile.
type Reader struct {
	src   Source
	limit int
	buf   []byte // buf[start:] is not read yet
	start int
	busy  bool
	later error // came with bytes, which go first
}

// NewReader makes a reader of src. limit is how many bytes a piece may have that ends
// with a delimiter, without the delimiter, and how many bytes Peek may show; 0 stands
// for [DefaultBuffer].
func NewReader(src Source, limit int) *Reader {
	if limit <= 0 {
		limit = DefaultBuffer
	}
	return &Reader{src: src, limit: limit}
}

// Buffered is how many bytes can be read without a wait.
func (r *Reader) Buffered() int { return len(r.buf) - r.start }

// ReadContext waits until there is at least one byte and moves up to len(p) bytes to p;
// at the end of the stream it returns io.EOF. It is a wait.
func (r *Reader) ReadContext(ctx context.Context, p []byte) (int, error) {
	if err := r.enter(ctx); err != nil {
		return 0, err
	}
	defer r.leave()
	switch {
	case len(p) == 0:
		return 0, nil
	case r.Buffered() > 0:
		return r.take(p), nil
	case r.later != nil:
		return 0, r.pending()
	case len(p) >= firstBuffer:
		return r.src.ReadContext(ctx, p) // a detour through the buffer would be a copy
	}
	if err := r.fill(ctx, 1); err != nil {
		return 0, err
	}
	return r.take(p), nil
}

// Read is [Reader.ReadContext] under the context under which the source's Read waits:
// that of the running task, for a stream of this package.
func (r *Reader) Read(p []byte) (int, error) {
	if err := r.occupy(); err != nil {
		return 0, err
	}
	defer r.leave()
	switch {
	case len(p) == 0:
		return 0, nil
	case r.Buffered() > 0:
		return r.take(p), nil
	case r.later != nil:
		return 0, r.pending()
	}
	return r.src.Read(p)
}

// ReadExactly waits for n bytes. Where the stream ends within them it returns an
// [IncompleteReadError], which has those that came, and io.EOF where not one came. n
// is not bound by the reader's limit: check it where it comes from the peer. The
// buffer grows with what has come, not to n at once.
func (r *Reader) ReadExactly(ctx context.Context, n int) ([]byte, error) {
	if n < 0 {
		return nil, fmt.Errorf("aionet: ReadExactly of %d bytes", n)
	}
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	for r.Buffered() < n {
		if err := r.fill(ctx, n); err != nil {
			return nil, r.incomplete(err, n)
		}
	}
	return r.cut(n), nil
}

// ReadAll waits for the end of the stream and returns all that is left of it. Where
// that is more than limit bytes it returns a [LimitError], and what has come stays in
// the buffer. limit 0 stands for the reader's own.
func (r *Reader) ReadAll(ctx context.Context, limit int) ([]byte, error) {
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	if limit <= 0 {
		limit = r.limit
	}
	for {
		if r.Buffered() > limit {
			return nil, &LimitError{Limit: limit, Consumed: limit}
		}
		switch err := r.fill(ctx, limit+1); {
		case errors.Is(err, io.EOF):
			return r.cut(r.Buffered()), nil
		case err != nil:
			return nil, err
		}
	}
}

// Peek waits for n bytes and shows them without reading them: they are valid until the
// next call. Where the stream ends before them it shows what there is, and io.EOF;
// where n is above the limit it returns a [LimitError].
func (r *Reader) Peek(ctx context.Context, n int) ([]byte, error) {
	if n < 0 {
		return nil, fmt.Errorf("aionet: Peek of %d bytes", n)
	}
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	if n > r.limit {
		return nil, &LimitError{Limit: r.limit}
	}
	for r.Buffered() < n {
		if err := r.fill(ctx, n); err != nil {
			return r.buf[r.start:], err
		}
	}
	return r.buf[r.start : r.start+n], nil
}

// Lines is the sequence of the lines, as [Reader.ReadLine] returns them. It ends with
// the stream, or after the first error.
func (r *Reader) Lines(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, err := r.ReadLine(ctx)
			if err == io.EOF || !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// enter is the beginning of every wait here.
func (r *Reader) enter(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	return r.occupy()
}

// occupy makes this call the only one.
func (r *Reader) occupy() error {
	if r.busy {
		return asyncio.ErrBusy
	}
	r.busy = true
	return nil
}

func (r *Reader) leave() { r.busy = false }
