package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/goasyncio/asyncio"
)

// ErrSequenceBroken is the error of a [Sequencer] of which a block was cancelled
// before its turn: the blocks after it would wait for ever.
var ErrSequenceBroken = errors.New("asynciotest: the sequence is broken: a block was cancelled before its turn")

// A Sequencer makes blocks in different tasks run in a fixed order: the one at
// position 0 first, then 1, and so on. It is for a test of one certain interleaving.
// The zero value is ready. It belongs to one loop.
//
//	var order asynciotest.Sequencer
//	// in one task:
//	order.Do(ctx, 0, func() error { … })
//	order.Do(ctx, 2, func() error { … })
//	// in another:
//	order.Do(ctx, 1, func() error { … })
type Sequencer struct {
	points map[int]*point
	broken bool
}

// point is one position of the order.
type point struct {
	waiter  asyncio.WaitQueue
	open    bool
	claimed bool
}

// Do waits for the end of the block at position-1, runs block and returns its
// error. The next position opens when block has returned, failed or panicked.
//
// A position can be used once. If ctx ends before its turn the sequence is broken:
// Do returns ctx's error, and every other Do that waits, or comes later, returns
// [ErrSequenceBroken].
func (s *Sequencer) Do(ctx context.Context, position int, block func() error) error {
	p := s.at(position)
	switch {
	case position < 0:
		return fmt.Errorf("asynciotest: position %d of a sequence: positions begin at 0", position)
	case p.claimed:
		return fmt.Errorf("asynciotest: position %d of the sequence is taken: each can be used once", position)
	case s.broken:
		return ErrSequenceBroken
	}
	p.claimed = true
	if err := s.turn(ctx, position, p); err != nil {
		return err
	}
	defer s.open(position + 1)
	return block()
}

// turn waits until p is open.
func (s *Sequencer) turn(ctx context.Context, position int, p *point) error {
	err := asyncio.Checkpoint(ctx)
	if err == nil && position > 0 && !p.open && !s.broken {
		_, err = p.waiter.Park(ctx, s)
	}
	switch {
	case err != nil:
		s.breakUp()
		return err
	case s.broken:
		return ErrSequenceBroken
	}
	return nil
}

func (s *Sequencer) at(position int) *point {
	p := s.points[position]
	if p == nil {
		p = new(point)
		if s.points == nil {
			s.points = make(map[int]*point)
		}
		s.points[position] = p
	}
	return p
}

func (s *Sequencer) open(position int) {
	p := s.at(position)
	p.open = true
	p.waiter.WakeAll()
}

// breakUp wakes everybody, in the order of the positions.
func (s *Sequencer) breakUp() {
	s.broken = true
	for _, position := range slices.Sorted(maps.Keys(s.points)) {
		s.points[position].waiter.WakeAll()
	}
}

// String is what reports call the wait.
func (s *Sequencer) String() string { return "its turn in a sequence" }
