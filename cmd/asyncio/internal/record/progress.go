package record

import (
	"bytes"
	"io"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
)

// lines hands on whole lines only, so that what breaks off can still be read.
type lines struct {
	out  io.Writer
	tail []byte
	size int64 // what was handed on
	err  error // why no more was
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.tail = append(l.tail, p...)
	end := bytes.LastIndexByte(l.tail, '\n') + 1
	if err := l.put(l.tail[:end]); err != nil {
		return 0, err
	}
	l.tail = append(l.tail[:0], l.tail[end:]...)
	return len(p), nil
}

// finish hands on what has no line break.
func (l *lines) finish() error {
	err := l.put(l.tail)
	l.tail = nil
	return err
}

func (l *lines) put(p []byte) error {
	n, err := l.out.Write(p)
	l.size += int64(n)
	l.err = err
	return err
}

// progress tells on a terminal how far a recording is.
type progress struct {
	got  atomic.Int64
	end  chan struct{}
	gone chan struct{}
}

// tell is how often.
const tell = 200 * time.Millisecond

func newProgress(notes *plain.Screen, total time.Duration) *progress {
	p := &progress{end: make(chan struct{}), gone: make(chan struct{})}
	if notes.Width == 0 || notes.Dumb {
		close(p.gone)
		return p
	}
	go p.run(notes, total)
	return p
}

// Write implements io.Writer: it counts.
func (p *progress) Write(b []byte) (int, error) {
	p.got.Add(int64(len(b)))
	return len(b), nil
}

// stop takes the line away.
func (p *progress) stop() {
	close(p.end)
	<-p.gone
}

func (p *progress) run(notes *plain.Screen, total time.Duration) {
	defer close(p.gone)
	ticker := time.NewTicker(tell)
	defer ticker.Stop()
	for start := time.Now(); ; {
		text := "Recording: " + human.Seconds(time.Since(start))
		if total > 0 {
			text += " of " + human.Seconds(total)
		}
		notes.Printf("\r\x1b[K%s", plain.Fit(text+", "+human.Size(p.got.Load()), notes.Width-1))
		select {
		case <-ticker.C:
		case <-p.end:
			notes.Printf("\r\x1b[K")
			return
		}
	}
}
