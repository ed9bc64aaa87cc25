package aionet

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// ReadUntil waits for one of the delimiters and returns everything up to its end. Where
// several are in the stream it is the one that ends first, however the bytes come in:
// of "\r\n" and "\n" both find the same line.
//
// Where more than the reader's limit comes without a delimiter it returns a
// [LimitError]; where the stream ends before a delimiter, an [IncompleteReadError] with
// the rest, or io.EOF where there is none.
func (r *Reader) ReadUntil(ctx context.Context, delimiters ...[]byte) ([]byte, error) {
	d, err := newDelimiters(delimiters)
	if err != nil {
		return nil, err
	}
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	n, err := r.until(ctx, d)
	if err != nil {
		return nil, r.incomplete(err, 0)
	}
	return r.cut(n), nil
}

// ReadLine waits for a line and returns it with its "\n". Of a last line without one it
// returns what there is; then io.EOF. A line longer than the limit is a [LimitError],
// and stays in the buffer.
func (r *Reader) ReadLine(ctx context.Context) ([]byte, error) {
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	n, err := r.until(ctx, lineFeed)
	switch {
	case err == nil:
		return r.cut(n), nil
	case errors.Is(err, io.EOF) && r.Buffered() > 0:
		return r.cut(r.Buffered()), nil
	}
	return nil, r.incomplete(err, 0)
}

// until fills the buffer until it has a delimiter and returns where that ends. It looks
// at no byte more than a bounded number of times, also where they come one by one.
func (r *Reader) until(ctx context.Context, d delimiters) (end int, err error) {
	seen := 0 // no delimiter ends before
	for {
		held := r.buf[r.start:]
		begin, end, found := d.find(held, seen)
		if found {
			if begin > r.limit {
				return 0, &LimitError{Limit: r.limit, Consumed: begin, Found: true}
			}
			return end, nil
		}
		seen = max(0, len(held)+1-d.longest)
		if seen > r.limit {
			return 0, &LimitError{Limit: r.limit, Consumed: seen}
		}
		if err := r.fill(ctx, r.limit+d.longest); err != nil {
			return 0, err
		}
	}
}

// delimiters are what ReadUntil looks for.
type delimiters struct {
	list    [][]byte
	longest int // bytes
}

var lineFeed = delimiters{[][]byte{{'\n'}}, 1}

func newDelimiters(list [][]byte) (delimiters, error) {
	d := delimiters{list: list}
	for _, sep := range list {
		if len(sep) == 0 {
			return d, errors.New("aionet: ReadUntil with an empty delimiter: it would be found everywhere")
		}
		d.longest = max(d.longest, len(sep))
	}
	if d.longest == 0 {
		return d, errors.New("aionet: ReadUntil needs a delimiter")
	}
	return d, nil
}

// find looks in b[from:] for the delimiter that ends first, and of those that end
// together for the shortest. It looks through windows that double: where the first
// delimiter is near, the search for another does not go through all of b, which a
// reader of many short pieces would pay for again and again.
func (d delimiters) find(b []byte, from int) (begin, end int, found bool) {
	for window := 256; ; window *= 2 {
		upTo := min(from+window+d.longest, len(b))
		for _, sep := range d.list {
			i := bytes.Index(b[min(from, upTo):upTo], sep)
			if i < 0 {
				continue
			}
			i += from
			e := i + len(sep)
			if !found || e < end || e == end && i > begin {
				begin, end, found = i, e, true
			}
		}
		if found || upTo == len(b) {
			return begin, end, found
		}
	}
}
