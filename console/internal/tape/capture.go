package tape

import (
	"context"
	"io"
	"time"
)

// interval is how often a capture looks: often enough that the ring of a busy loop does
// not run over in between.
const interval = 50 * time.Millisecond

// Capture gathers what the loop of r has kept from before and does for another d, and its
// end where that comes first. It closes r. What is there when ctx ends is returned with
// ctx's error.
func (r *Recorder) Capture(ctx context.Context, d time.Duration) (all []*Batch, err error) {
	defer r.Close()
	end := time.Now().Add(d)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		b, err := r.Next(ctx)
		if err == io.EOF {
			return all, nil
		}
		if b != nil && (!b.Empty() || len(all) == 0 || b.Now > all[len(all)-1].Now) {
			all = append(all, b)
		}
		if err != nil {
			return all, err
		}
		now, soon := r.waiting()
		if now {
			continue
		}
		if !soon && !time.Now().Before(end) {
			return all, nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return all, ctx.Err()
		}
	}
}

// Write writes a recording whose batches are all there.
func Write(to io.Writer, h Header, batches []*Batch) error {
	text := AppendHeader(nil, h)
	for _, b := range batches {
		if text = b.Append(text); len(text) < 64<<10 {
			continue
		}
		if _, err := to.Write(text); err != nil {
			return err
		}
		text = text[:0]
	}
	_, err := to.Write(text)
	return err
}

// Each gives batches one by one, for [WritePerfetto].
func Each(batches []*Batch) func() (*Batch, error) {
	return func() (*Batch, error) {
		if len(batches) == 0 {
			return nil, io.EOF
		}
		b := batches[0]
		batches = batches[1:]
		return b, nil
	}
}
