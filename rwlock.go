package asyncio

import (
	"context"
	"fmt"
	"slices"
)

// A RWLock is held by any number of readers or by one writer. Readers and writers
// stand in one line and nobody overtakes: a writer that waits holds up the readers
// that come after it, so that it does not starve (S3). A task that holds the lock
// for reading must therefore not ask for it a second time: a writer may stand in
// between, and the two would wait for each other.
//
// The zero value is free. All methods are for the tasks and callbacks of one loop.
type RWLock struct {
	home    bound
	line    line
	readers int
	writing bool
	writer  *taskCore // for reports only, as reading is
	reading readers
}

// RWLockStats is the state of a [RWLock] at one moment.
type RWLockStats struct {
	Readers int    // how many hold it for reading
	Writing bool   // whether one holds it for writing
	Writer  string // the name of the task that does, "" where nobody does or nobody knows
	Waiting int    // tasks that wait for it, for either use
}

// What a place in the line asks for.
const (
	toRead = iota
	toWrite
)

// AcquireRead waits until the caller holds the lock for reading, together with other
// readers. It does not suspend where no writer holds it or waits for it (S4).
//
// It returns ctx's error where ctx ends, also where the lock was handed over
// already: it goes on to the next, and the caller does not hold it (C3). It returns
// [ErrOtherLoop] where the lock is in use on another loop.
func (l *RWLock) AcquireRead(ctx context.Context) error { return l.acquire(ctx, toRead) }

// AcquireWrite waits until the caller alone holds the lock. Errors are those of
// [RWLock.AcquireRead]. Where the wait is cancelled, readers that stood behind it go
// on.
func (l *RWLock) AcquireWrite(ctx context.Context) error { return l.acquire(ctx, toWrite) }

// TryAcquireRead takes the lock for reading if that needs no wait, and tells whether
// it did. It never waits.
func (l *RWLock) TryAcquireRead() bool { return l.tryOnLoop(toRead) }

// TryAcquireWrite takes the lock for writing if that needs no wait, and tells
// whether it did. It never waits.
func (l *RWLock) TryAcquireWrite() bool { return l.tryOnLoop(toWrite) }

// ReleaseRead ends one reader's hold; the last one lets a writer in. Any task may
// release. It panics where nobody holds the lock for reading.
func (l *RWLock) ReleaseRead() {
	l.home.check("RWLock.ReleaseRead")
	if l.readers == 0 {
		panic("asyncio: RWLock.ReleaseRead: nobody holds the lock for reading")
	}
	l.readers--
	l.reading.remove(l.home.running(), l.readers)
	l.grant()
}

// ReleaseWrite ends the writer's hold and lets in the next writer, or all readers up
// to the next writer. Any task may release. It panics where nobody holds the lock
// for writing.
func (l *RWLock) ReleaseWrite() {
	l.mustWrite("RWLock.ReleaseWrite")
	l.writing, l.writer = false, nil
	l.grant()
}

// Downgrade turns the writer's hold into a reader's, with nobody in between, and
// lets in the readers that come next in line. Release it with ReleaseRead. It panics
// where nobody holds the lock for writing.
func (l *RWLock) Downgrade() {
	l.mustWrite("RWLock.Downgrade")
	l.writing = false
	l.take(toRead, l.writer)
	l.writer = nil
	l.grant()
}

// String tells what a waiter waits for.
func (l *RWLock) String() string {
	switch {
	case l.writer != nil:
		return "RWLock held by writer " + l.writer.String()
	case l.readers > 0:
		return fmt.Sprintf("RWLock held by %d readers", l.readers)
	}
	return "RWLock"
}

// Stats returns the lock's state for reports.
func (l *RWLock) Stats() RWLockStats {
	return RWLockStats{Readers: l.readers, Writing: l.writing, Writer: nameOf(l.writer), Waiting: l.line.parked()}
}

func (l *RWLock) acquire(ctx context.Context, use int) error {
	who, err := l.home.enter(ctx, l)
	if err != nil {
		return err
	}
	if l.try(use, who) {
		return nil
	}
	woken, err := l.line.wait(ctx, l, l.line.place(use, who, nil))
	if woken && err != nil {
		l.giveBack(use, who)
	}
	// In any case: readers that came after the wake-up had to stand behind it (S3),
	// and a writer that gives up may have held up readers without having been woken.
	l.grant()
	return err
}

func (l *RWLock) tryOnLoop(use int) bool {
	l.home.check("RWLock.TryAcquire")
	return l.try(use, l.home.running())
}

func (l *RWLock) try(use int, who *taskCore) bool {
	if !l.fits(use) || !l.line.empty() {
		return false
	}
	l.take(use, who)
	return true
}

func (l *RWLock) fits(use int) bool {
	return !l.writing && (use == toRead || l.readers == 0)
}

// grant hands the lock to as many as can have it, from the front. Unlike in a [Lock]
// it is theirs from this moment, so that several readers can be let in at once.
func (l *RWLock) grant() {
	for p := l.line.front(); p != nil && l.fits(p.ask); p = l.line.front() {
		l.take(p.ask, p.who)
		l.line.wake(p)
	}
}

func (l *RWLock) take(use int, who *taskCore) {
	if use == toWrite {
		l.writing, l.writer = true, who
		return
	}
	l.readers++
	l.reading.add(who)
}

func (l *RWLock) giveBack(use int, who *taskCore) {
	if use == toWrite {
		l.writing, l.writer = false, nil
		return
	}
	l.readers--
	l.reading.remove(who, l.readers)
}

func (l *RWLock) mustWrite(call string) {
	l.home.check(call)
	if !l.writing {
		panic("asyncio: " + call + ": nobody holds the lock for writing")
	}
}

func (l *RWLock) inUse() bool { return l.writing || l.readers > 0 || l.line.first != nil }

// holders names the tasks that a waiter waits for, for the deadlock report.
func (l *RWLock) holders() []uint64 {
	if l.writing {
		return idsOf(l.writer)
	}
	return l.reading.ids()
}

// readers tells which tasks hold a lock for reading, as far as that can be known: a
// task may release what another one acquired. From then until the lock is free it
// names nobody, rather than the wrong ones.
type readers struct {
	holds map[*taskCore]int
	mixed bool
}

func (r *readers) add(t *taskCore) {
	if r.holds == nil {
		r.holds = make(map[*taskCore]int)
	}
	r.holds[t]++
}

func (r *readers) remove(t *taskCore, left int) {
	switch n := r.holds[t]; {
	case left == 0:
		clear(r.holds)
		r.mixed = false
	case n == 0:
		r.mixed = true
	case n == 1:
		delete(r.holds, t)
	default:
		r.holds[t] = n - 1
	}
}

// ids is sorted, because the order of a map is random and reports must not be (S6).
func (r *readers) ids() []uint64 {
	if r.mixed {
		return nil
	}
	var ids []uint64
	for t := range r.holds {
		ids = append(ids, idsOf(t)...)
	}
	slices.Sort(ids)
	return ids
}
