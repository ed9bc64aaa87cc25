package asyncio

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A postbox takes functions from other goroutines to the loop, in the order in
// which they come. It is the only part of a loop that has a lock, which the loop
// takes only when something has been posted. Each Run has its own, so that what
// comes too late for one does not reach the next.
type postbox struct {
	loop    *Loop
	some    atomic.Bool
	mu      sync.Mutex
	funcs   []func()
	taken   []func() // by the loop, which has run those before at
	at      int
	asked   []func() // by consoles
	asking  []func() // taken by the loop, which has answered those before done
	done    int
	closed  bool // the loop has ended
	closing bool // the tasks have ended: only what they have begun is still posted
}

// post makes the loop run f between two steps, and wakes it. It returns false where
// the loop has ended. Any goroutine may call it. It is for the answers to what the
// loop has begun, such as the end of a thread.
func (p *postbox) post(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accept(f)
}

// request is post for what others ask for by themselves, which is refused from the
// moment on at which the last task has ended.
func (p *postbox) request(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.closing && p.accept(f)
}

func (p *postbox) accept(f func()) bool {
	if p.closed {
		return false
	}
	p.funcs = append(p.funcs, f)
	if !p.some.Swap(true) {
		p.loop.driver.Wake() // under the lock, so that it cannot come after the driver's Close
	}
	return true
}

// maxPosts is how many posts run between two rounds: goroutines that post faster
// than the loop can follow must not hold up its timers and descriptors.
const maxPosts = 1024

// run runs what has been posted, up to that many.
func (p *postbox) run() {
	if p.at == len(p.taken) {
		p.mu.Lock()
		p.collect()
		p.taken, p.funcs = p.funcs, p.taken[:0]
		p.some.Store(false)
		p.mu.Unlock()
		p.at = 0
	} else {
		p.mu.Lock()
		p.collect()
		p.mu.Unlock()
	}
	if p.loop.recorder != nil && p.at < len(p.taken) {
		p.loop.recorder.put(monitor.Posts, 0)
	}
	at := p.at
	for end := min(p.at+maxPosts, len(p.taken)); p.at < end; {
		f := p.taken[p.at]
		p.taken[p.at] = nil
		p.at++
		f()
	}
	p.loop.counts.posts += uint64(p.at - at)
	if p.at < len(p.taken) {
		p.some.Store(true)
	}
	if len(p.asking) > 0 {
		p.answer()
	}
}

// refuse turns further requests away; those that were accepted still run. It comes
// before they do: otherwise a goroutine that asks without end would keep Run from
// ending.
func (p *postbox) refuse() {
	p.mu.Lock()
	p.closing = true
	p.asked, p.asking, p.done = nil, nil, 0 // consoles have no claim to an answer
	p.mu.Unlock()
}

// close refuses everything: the loop has ended.
func (p *postbox) close() {
	p.mu.Lock()
	p.closed, p.closing = true, true
	p.mu.Unlock()
}

// ask is request for a console. It is none of the program's posts: it does not count as
// one, and comes behind them.
func (p *postbox) ask(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return false
	}
	p.asked = append(p.asked, f)
	if !p.some.Swap(true) {
		p.loop.driver.Wake()
	}
	return true
}

// collect takes what consoles have asked for to the loop.
func (p *postbox) collect() {
	if len(p.asked) > 0 {
		p.asking = append(p.asking, p.asked...)
		clear(p.asked)
		p.asked = p.asked[:0]
	}
}

// What consoles may take of the loop's time between two rounds: a hundred of them must
// not hold it up a hundred times as long as one.
const (
	maxAnswers   = 64
	longestPause = 500 * time.Microsecond
)

// answer does what consoles have asked for, or the first of it.
func (p *postbox) answer() {
	l := p.loop
	l.now = l.driver.Now() // who asks is told since when tasks wait
	begin := l.now
	for end := min(p.done+maxAnswers, len(p.asking)); p.done < end && l.driver.Now().Sub(begin) < longestPause; {
		f := p.asking[p.done]
		p.asking[p.done] = nil
		p.done++
		l.call(f)
	}
	if p.done < len(p.asking) {
		p.some.Store(true)
	} else {
		p.asking, p.done = p.asking[:0], 0
	}
}

// open tells whether the run goes on. Any goroutine may call it.
func (p *postbox) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.closed
}
