package console

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	// beat is how often a feed reads what a loop has done.
	beat = 100 * time.Millisecond
	// linger is how long a feed goes on when nobody looks any more, so that who asks
	// each few seconds is told of all that happened in between.
	linger = 15 * time.Second
	// backlog is how many batches a client may be behind. Who is further behind is dropped.
	backlog = 32
	// maxTables bounds the tables of a feed, in bytes. One that has more ends, and its
	// clients begin anew.
	maxTables = 32 << 20
)

// A feed is what a loop does, read and put into words once for all who want it in the
// same detail. It begins with the first of them and ends some time after the last.
type feed struct {
	l      *living
	detail monitor.Detail
	*follower
	stats *tape.Stats

	mu      sync.Mutex
	subs    map[*sub]struct{}
	serving int       // clients that have not been served to their end
	touched time.Time // when somebody has last asked
	beat    time.Time // when clients have last heard something
	done    bool      // there will be no further batch
	past    *past
}

// A sub is a client that follows a feed. lines is closed where it is dropped, or where
// the loop has ended.
type sub struct {
	lines   chan []byte
	dropped bool // it was too slow; valid when lines is closed
}

// touch returns the feed of that detail, begun if there was none. Whoever asks for what
// a feed counts touches it.
func (l *living) touch(detail monitor.Detail) (*feed, error) {
	l.feedLock.Lock()
	defer l.feedLock.Unlock()
	if f := l.feeds[detail]; f != nil && f.keep() {
		return f, nil
	}
	follower, err := l.follow(tape.Options{Detail: detail})
	if err != nil {
		return nil, err
	}
	f := &feed{l: l, detail: detail, follower: follower, stats: tape.NewStats(), subs: map[*sub]struct{}{}, touched: time.Now(), past: newPast()}
	if !l.hub.spawn(f.run) {
		l.unfollow(follower)
		return nil, errClosed
	}
	l.feeds[detail] = f
	return f, nil
}

// counting is the feed whose counts are shown, or nil.
func (l *living) counting() *feed {
	l.feedLock.Lock()
	defer l.feedLock.Unlock()
	return l.feeds[monitor.Coarse]
}

// keep notes that somebody wants the feed. It is too late where that returns false.
func (f *feed) keep() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.touched = time.Now()
	return !f.done
}

func (f *feed) run() {
	defer f.finish()
	if f.detail == monitor.Coarse {
		defer f.l.src.Meter()()
	}
	watch := newWatch(f.l)
	timer := time.NewTimer(beat)
	defer timer.Stop()
	for {
		b, err := f.Next(f.l.hub.ctx)
		if err != nil && !errors.Is(err, io.EOF) {
			return // the console is closed
		}
		if b != nil {
			f.stats.Add(b)
			f.publish(b)
		}
		if err != nil || f.idle() {
			return
		}
		if f.detail == monitor.Coarse {
			f.warn(watch)
		}
		timer.Reset(beat)
		select {
		case <-timer.C:
		case <-f.over: // read on at once
		case <-f.l.hub.ctx.Done():
			return
		}
	}
}

// warn looks for what a person should look at, and tells what is new.
func (f *feed) warn(w *watch) {
	ctx, cancel := context.WithTimeout(f.l.hub.ctx, patience)
	defer cancel()
	for _, text := range w.look(ctx, f.stats) {
		f.publish(&tape.Batch{Warning: text})
	}
}

// idle tells that nobody has wanted the feed for a while; then it ends.
func (f *feed) idle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = len(f.subs) == 0 && time.Since(f.touched) > linger || f.past.size > maxTables
	return f.done
}

// finish lets everybody go.
func (f *feed) finish() {
	f.mu.Lock()
	f.done = true
	for s := range f.subs {
		close(s.lines)
	}
	f.subs = nil
	if f.serving == 0 {
		f.part()
	}
	f.mu.Unlock()
	f.l.feedLock.Lock()
	if f.l.feeds[f.detail] == f {
		f.l.feeds[f.detail] = nil
	}
	f.l.feedLock.Unlock()
	f.l.unfollow(f.follower)
}

// subscribe returns what has been so far, as lines, and a sub that gets what follows.
// Call leave when its client has been served. It returns nil where the feed has ended.
func (f *feed) subscribe() (opening []byte, s *sub) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return nil, nil
	}
	s = &sub{lines: make(chan []byte, backlog)}
	f.subs[s] = struct{}{}
	f.serving++
	return f.past.opening(f.Header()), s
}

func (f *feed) leave(s *sub) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.subs, s)
	f.touched = time.Now()
	if f.serving--; f.serving == 0 && f.done {
		f.part()
	}
}

// publish gives a batch to all clients, and at least something each second. It waits for
// none of them.
func (f *feed) publish(b *tape.Batch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.past.add(b)
	if b.Empty() && time.Since(f.beat) < time.Second || len(f.subs) == 0 {
		return
	}
	f.beat = time.Now()
	lines := events(b.Append(nil))
	for s := range f.subs {
		select {
		case s.lines <- lines:
		default:
			s.dropped = true
			close(s.lines)
			delete(f.subs, s)
		}
	}
}
