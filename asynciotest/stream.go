package asynciotest

import (
	"context"
	"net"
	"testing"
)

// A Stream is a stream of bytes in both directions on whose waits a loop's tasks
// can give way: what [TestStream] tests.
//
// Read and Write wait under the context of the task that calls them, ReadContext
// and WriteContext under the one they are given.
type Stream interface {
	net.Conn

	// ReadContext is Read under ctx. A cancelled one has taken nothing (rule C3).
	ReadContext(ctx context.Context, p []byte) (n int, err error)

	// WriteContext is Write under ctx. A cancelled one returns how much it has
	// sent; where that is a part of p, later writes fail, so that no peer takes
	// the beginning of the next message for the end of this one.
	WriteContext(ctx context.Context, p []byte) (n int, err error)

	// CloseWrite tells the peer that no more will come, and leaves reading open.
	CloseWrite() error

	// Abort closes without sending what is still to be sent; the peer gets an
	// error instead of an end, where the kind of stream has one.
	Abort() error
}

// A Trait is a property in which a kind of stream differs from a TCP connection. A
// suite leaves out the cases that it rules out, and says so.
type Trait uint

const (
	// NoHalfClose kinds cannot end one direction alone: CloseWrite fails.
	NoHalfClose Trait = 1 << iota

	// NoReset kinds have only one way to end: after an Abort the peer may read
	// an end like any other.
	NoReset

	// Unbuffered kinds hold nothing on the way: a write waits for its reader.
	Unbuffered

	// Packets kinds keep the boundaries of writes: a read takes one, and loses
	// what does not fit.
	Packets

	// FragileWrites kinds cannot go on writing after a write that was
	// interrupted, by a deadline or a cancellation: TLS, whose records would be
	// broken.
	FragileWrites

	// PlainErrors kinds do not wrap their errors in net.OpError.
	PlainErrors

	// VirtualTime kinds need no descriptor: each case runs under a virtual clock,
	// where whatever would hang is a deadlock and fails at once.
	VirtualTime
)

func (t Trait) String() string {
	names := []string{"NoHalfClose", "NoReset", "Unbuffered", "Packets", "FragileWrites", "PlainErrors", "VirtualTime"}
	text := ""
	for i, name := range names {
		if t&(1<<i) != 0 {
			text += " " + name
		}
	}
	return text
}

// TestStream tests whether a kind of stream behaves as users of package aionet, and
// of package net, expect. open is called in a task and makes two connected ends; the
// suite closes them. Each case is a subtest whose name says what must hold, runs on
// a loop of its own, once for each of the two ends in the leading role (with -short only for a), and must
// leave nothing behind: no goroutine, descriptor, timer or handle.
//
// Do not call it in a test that runs parallel to others.
func TestStream(t *testing.T, open func(ctx context.Context) (a, b Stream, err error), traits ...Trait) {
	t.Helper()
	s := suite{traits: union(traits)}
	for _, cases := range [][]streamCase{
		transferCases, endCases, closeCases, cancelCases, writeCancelCases,
		deadlineCases, busyCases, boundCases, errorCases,
	} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				s.allow(t, c.without)
				for _, swap := range roles() {
					s.run(t, func(ctx context.Context) error {
						return c.open(ctx, &pair{T: t, open: open, traits: s.traits}, swap)
					})
				}
			})
		}
	}
}

// roles are whether the ends change theirs: both ways, or, with -short, only the first.
func roles() []bool {
	if testing.Short() {
		return []bool{false}
	}
	return []bool{false, true}
}

// A streamCase is one behaviour of streams.
type streamCase struct {
	name    string
	without Trait // kinds with one of these are left out
	run     func(ctx context.Context, p *pair) error
}

// open runs the case with a new pair of ends.
func (c streamCase) open(ctx context.Context, p *pair, swap bool) (err error) {
	if p.a, p.b, err = p.open(ctx); err != nil {
		return err
	}
	defer p.a.Close()
	defer p.b.Close()
	if swap {
		p.a, p.b = p.b, p.a
	}
	return c.run(ctx, p)
}

// A pair is two connected ends, and the test that uses them.
type pair struct {
	*testing.T
	a, b   Stream
	open   func(ctx context.Context) (a, b Stream, err error)
	traits Trait
}

func union(traits []Trait) (all Trait) {
	for _, t := range traits {
		all |= t
	}
	return all
}
