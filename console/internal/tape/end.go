package tape

import "github.com/goasyncio/asyncio/internal/monitor"

// mayAsk is where Next begins to ask the loop. It returns false while Settle is at work.
func (r *Recorder) mayAsk() bool {
	r.gate.Lock()
	defer r.gate.Unlock()
	if r.settling {
		return false
	}
	r.hurry = make(chan struct{})
	r.asker.hurry = r.hurry
	return true
}

// stopped tells that the loop cannot be asked any more, or not now.
func (r *Recorder) stopped() bool {
	select {
	case <-r.stop:
		return true
	case <-r.src.Ended():
		return true
	default:
	}
	r.gate.Lock()
	defer r.gate.Unlock()
	return r.settling
}

// Settle takes what the loop has written down until now, and asks the things in it for
// their names. It is for the loop's own goroutine, before it takes those things apart:
// [monitor.Settling]. A Next that waits for the loop gives up meanwhile.
func (r *Recorder) Settle() {
	r.settle(true)
	defer r.settle(false)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.takeRest(monitor.NoTime)
	}
}

// settle keeps Next from waiting for the loop, or lets it again.
func (r *Recorder) settle(on bool) {
	r.gate.Lock()
	defer r.gate.Unlock()
	r.settling = on
	if on && r.hurry != nil {
		close(r.hurry)
		r.hurry = nil
	}
}

// takeRest leaves all that there is for Next. now is when that is, NoTime where that is
// not known.
func (r *Recorder) takeRest(now int64) {
	if r.left != nil {
		r.last = append(r.last, r.resolved(r.left))
		r.left = nil
	}
	p := &piece{now: now}
	r.read(p)
	r.last = append(r.last, r.resolved(p))
}

// resolved is the batch of a piece, on the loop's goroutine.
func (r *Recorder) resolved(p *piece) *Batch {
	p.names.resolveHere()
	return r.batch(p)
}

// End makes the last batches: those with what the loop has done since the last one, and
// with the end. It is for the goroutine of the loop ([monitor.Watcher.LoopEnds]), where
// the things that tasks have waited for may be asked what they are, and takes some
// milliseconds. A second call does nothing.
func (r *Recorder) End(err error) {
	r.halt() // a Next that waits for the loop gives up
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	r.over = true
	r.takeRest(monitor.NoTime)
	b := r.last[len(r.last)-1]
	b.Events, b.Now = r.addWoke(b.Events, r.woke), r.times.last
	b.Freed = r.blocked
	b.Ended = &End{At: r.times.last}
	if err != nil {
		b.Ended.Error = cut(err.Error(), maxStack)
	}
}

// waiting tells whether Next has something at once, or will have it in a moment.
func (r *Recorder) waiting() (now, soon bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.last) > 0 || r.over, r.left != nil
}
