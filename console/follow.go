package console

import (
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A follower is somebody who reads what a loop writes down, and must hear of its end: a
// feed or a recording.
type follower struct {
	*tape.Recorder
	over   chan struct{} // closed when the loop has ended
	bye    chan struct{} // closed when everybody who is to know of it does
	parted sync.Once
}

// part says that the end of the loop need not wait for this follower any more.
func (f *follower) part() { f.parted.Do(func() { close(f.bye) }) }

// followers are those of a loop.
type followers struct {
	mu    sync.Mutex
	all   map[*follower]struct{}
	ended bool
}

// follow begins to record. Call unfollow in the end.
func (l *living) follow(opts tape.Options) (*follower, error) {
	l.followers.mu.Lock()
	defer l.followers.mu.Unlock()
	if l.followers.ended {
		return nil, errEnded
	}
	f := &follower{Recorder: tape.Record(l.src, opts), over: make(chan struct{}), bye: make(chan struct{})}
	if l.followers.all == nil {
		l.followers.all = map[*follower]struct{}{}
	}
	l.followers.all[f] = struct{}{}
	return f, nil
}

func (l *living) unfollow(f *follower) {
	f.Close()
	l.followers.mu.Lock()
	defer l.followers.mu.Unlock()
	delete(l.followers.all, f)
}

// end gives the followers what the loop has done last, and waits for a moment until
// their clients have it. It runs on the loop's goroutine.
func (f *followers) end(err error) {
	f.mu.Lock()
	f.ended = true
	all := make([]*follower, 0, len(f.all))
	for one := range f.all {
		all = append(all, one)
	}
	f.mu.Unlock()
	for _, one := range all {
		one.End(err)
		close(one.over)
	}
	if len(all) == 0 {
		return
	}
	timer := time.NewTimer(goodbye)
	defer timer.Stop()
	for _, one := range all {
		select {
		case <-one.bye:
		case <-timer.C:
			return
		}
	}
}

// details are the names that clients give to details.
var details = []string{tape.DetailName(monitor.Coarse), tape.DetailName(monitor.Exact), tape.DetailName(monitor.Stacks)}
