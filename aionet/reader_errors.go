package aionet

import (
	"fmt"
	"io"
)

// A LimitError tells that a piece of a stream is longer than the reader's limit. The
// bytes are still in the buffer: close the stream, or skip them by reading Consumed of
// them exactly.
type LimitError struct {
	Limit    int  // bytes
	Consumed int  // bytes that can be skipped without missing the beginning of a delimiter
	Found    bool // the delimiter has come, and begins behind Consumed bytes
}

func (e *LimitError) Error() string {
	if e.Found {
		return fmt.Sprintf("aionet: the delimiter comes after %d bytes, and the reader's limit is %d: skip them, or close the stream", e.Consumed, e.Limit)
	}
	return fmt.Sprintf("aionet: more than the reader's limit of %d bytes: skip them, close the stream, or give NewReader a larger limit", e.Limit)
}

// An IncompleteReadError tells that a stream ended within what was asked for. It is an
// [io.ErrUnexpectedEOF].
type IncompleteReadError struct {
	Partial  []byte // what came
	Expected int    // bytes that were asked for; 0 where a delimiter was
}

func (e *IncompleteReadError) Error() string {
	if e.Expected == 0 {
		return fmt.Sprintf("aionet: the stream ended after %d bytes, before a delimiter", len(e.Partial))
	}
	return fmt.Sprintf("aionet: the stream ended after %d of %d bytes", len(e.Partial), e.Expected)
}

// Unwrap is io.ErrUnexpectedEOF.
func (e *IncompleteReadError) Unwrap() error { return io.ErrUnexpectedEOF }
