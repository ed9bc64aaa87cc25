package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
)

// maxLine bounds a line of a recording: a batch of events, or the sources of a program.
const maxLine = 16 << 20

// Stream asks for what a loop does from now on: the lines of a recording, its header
// first, each without its line break and valid until the next. It ends with an error,
// which is io.EOF where the loop has ended or the console was closed. Leaving the
// sequence closes it.
func (c *Client) Stream(ctx context.Context, loop uint32, detail string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		v := url.Values{}
		if detail != "" {
			v.Set("detail", detail)
		}
		body, err := c.open(ctx, of(loop, "stream"), v, "text/event-stream")
		if err != nil {
			yield(nil, err)
			return
		}
		defer body.Close()
		if err := events(body, func(line []byte) bool { return yield(line, nil) }); err != nil {
			yield(nil, streamError(ctx, err))
		}
	}
}

// events calls use for the data of each event of a text/event-stream, each of which is
// one line, as the console sends it. It returns nil if use did not want more.
func events(body io.Reader, use func([]byte) bool) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if ok && !use(bytes.TrimPrefix(data, []byte(" "))) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

func streamError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%w: a line has more than %d bytes", ErrNoConsole, maxLine)
	}
	return err
}
