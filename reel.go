package asyncio

import (
	"sync"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A reel is what a recorder has written, in chunks, of which the oldest are written over.
// The loop fills a chunk without a lock. Readers see of it what has been published, which
// does not change any more. They copy it under the lock, a chunk at a time. Where the
// lock is taken when a chunk is full the loop does not wait for it but publishes later;
// it waits where somebody has asked for the latest, and where too much is late.
type reel struct {
	mu     sync.Mutex
	chunks []*chunk // oldest first; the last is the one that the loop fills
	free   []*chunk
	keep   int // events, at the least
	kept   int // events that have been published

	late   []*chunk // the loop's: those that are still to be published
	number uint64   // the loop's: of the first event of the chunk that it fills
}

// A chunk is some events, each of a word that tells what it is, and of what it has
// besides. The layout is the recorder's and decoder's own.
type chunk struct {
	first uint64 // the number of its first event
	mark         // how far the loop has written
	known mark   // how far readers may read
	word  [wordsOfChunk]uint64
	ref   [refsOfChunk]any
	text  [64]string
	pc    []uintptr // nil until there are stacks
}

// mark is a place in a chunk.
type mark struct{ events, words, refs, texts, pcs int }

// The first word of an event: its kind, its cause, what follows, and its task.
const (
	kindBits   = 1<<4 - 1
	causeShift = 4
	causeBits  = 1<<4 - 1
	hasTime    = 1 << 8
	hasUntil   = 1 << 9
	hasRef     = 1 << 10
	hasStack   = 1 << 11
	hasText    = 1 << 12
	roundShift = 13 // how many entries the round has that begins with this step, if it is small
	smallRound = 1<<(aboutShift-roundShift) - 1
	aboutShift = 16
)

const (
	wordsOfChunk  = 1024 // powers of two
	refsOfChunk   = 256
	longestEvent  = 8 // words, and more than there can be
	deepestStack  = 32
	roomForStacks = 4096
	mostLate      = 16
)

// turn publishes a chunk and returns another to go on with.
func (r *reel) turn(c *chunk) *chunk {
	r.number += uint64(c.events)
	r.late = append(r.late, c)
	if len(r.late) >= mostLate {
		r.mu.Lock()
	} else if !r.mu.TryLock() {
		return r.fresh(new(chunk))
	}
	defer r.mu.Unlock()
	r.publish()
	next := new(chunk)
	if n := len(r.free); n > 0 {
		next = r.free[n-1]
		r.free = r.free[:n-1]
	}
	return r.fresh(next)
}

// fresh is c as the next chunk to fill.
func (r *reel) fresh(c *chunk) *chunk {
	c.first = r.number
	return c
}

// publish shows what is late to the readers, and takes the oldest chunks away. It needs
// the lock.
func (r *reel) publish() {
	for _, c := range r.late {
		r.kept += c.mark.events - c.known.events
		c.known = c.mark
		if n := len(r.chunks); n == 0 || r.chunks[n-1] != c {
			r.chunks = append(r.chunks, c)
		}
	}
	clear(r.late)
	r.late = r.late[:0]
	over := 0
	for ; over < len(r.chunks)-1 && r.kept-r.chunks[over].known.events >= r.keep; over++ {
		r.kept -= r.chunks[over].known.events
		r.free = append(r.free, r.chunks[over].empty())
	}
	copy(r.chunks, r.chunks[over:])
	clear(r.chunks[len(r.chunks)-over:])
	r.chunks = r.chunks[:len(r.chunks)-over]
}

// empty makes a chunk ready to be filled again.
func (c *chunk) empty() *chunk {
	clear(c.ref[:c.refs])
	clear(c.text[:c.texts])
	c.mark, c.known = mark{}, mark{}
	return c
}

// flush shows the readers what has been written of c, which the loop goes on to fill.
func (r *reel) flush(c *chunk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = append(r.late, c)
	r.publish()
}

// forget throws everything away: nobody reads any more.
func (r *reel) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chunks, r.free, r.late, r.keep, r.kept = nil, nil, nil, 0, 0
}

// A tape is a reader of a reel.
type tape struct {
	source *source
	detail monitor.Detail
	mu     sync.Mutex
	begun  bool
	next   uint64 // the number of the next event
	chunk  uint64 // the first event of the chunk in which that is, if the tape was there
	at     mark   // the place in it
	sites  map[uint64]monitor.Site
	closed bool
}

func (s *source) Record(d monitor.Detail) monitor.Tape {
	t := &tape{source: s, detail: d, sites: make(map[uint64]monitor.Site)}
	s.Post(func(monitor.View) { s.loop.addTape(t) })
	return t
}

// Close implements [monitor.Tape].
func (t *tape) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.closed = true
		t.source.Post(func(monitor.View) { t.source.loop.removeTape(t) })
	}
	return nil
}

// Read implements [monitor.Tape].
func (t *tape) Read() (chunks []*monitor.Chunk, lost uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var copied chunk
	for i := 0; ; i++ {
		n, more := t.copyNext(&copied)
		lost += n
		if !more {
			return chunks, lost
		}
		c := t.decode(&copied)
		c.Lost = n
		chunks = append(chunks, c)
	}
}

// copyNext copies what is new in the first chunk in which something is.
func (t *tape) copyNext(to *chunk) (lost uint64, more bool) {
	r := &t.source.reel
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.chunks {
		if end := c.first + uint64(c.known.events); end == c.first || t.begun && end <= t.next {
			continue
		}
		from := mark{}
		if t.begun && c.first == t.chunk {
			from = t.at
		} else if t.begun {
			lost = c.first - t.next
		}
		to.copyFrom(c, from)
		t.begun, t.chunk, t.at = true, c.first, c.known
		t.next = c.first + uint64(c.known.events)
		return lost, true
	}
	return 0, false
}

// copyFrom makes c the part of from that begins at the mark.
func (c *chunk) copyFrom(from *chunk, at mark) {
	c.first = from.first + uint64(at.events)
	c.mark = mark{
		events: from.known.events - at.events,
		words:  copy(c.word[:], from.word[at.words:from.known.words]),
		refs:   copy(c.ref[:], from.ref[at.refs:from.known.refs]),
		texts:  copy(c.text[:], from.text[at.texts:from.known.texts]),
	}
	c.pc = c.pc[:0]
	if from.known.pcs > at.pcs { // else the loop may be about to make room for the first
		c.pc = append(c.pc, from.pc[at.pcs:from.known.pcs]...)
	}
	c.pcs = len(c.pc)
}
