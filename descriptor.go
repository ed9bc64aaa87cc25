package asyncio

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/goasyncio/asyncio/internal/driver"
)

// ErrBusy is the error of a second wait for the same thing: a descriptor has one
// reader and one writer at a time (rule N1).
var ErrBusy = errors.New("asyncio: somebody else waits for that already")

// A Descriptor is a non-blocking file descriptor on whose readiness tasks can
// wait: the low level on which network connections stand, for those who bring
// their own. The descriptor stays yours; call Close here before you close it
// there, so that no event of it can reach a later owner of its number (rule N3).
type Descriptor struct {
	loop   *Loop
	handle driver.Handle
	armed  driver.Mode
	read   direction
	write  direction
	closed bool
}

// direction is what waits for one kind of readiness.
type direction struct {
	d       *Descriptor
	mode    driver.Mode
	waiters WaitQueue
}

// OpenDescriptor makes the loop able to wait for fd, which must be non-blocking
// and of a kind that the system can wait for: not a regular file, for which there
// is [ToThread].
func OpenDescriptor(ctx context.Context, fd int) (*Descriptor, error) {
	l := mustLoop(ctx)
	if fd < 0 {
		return nil, fmt.Errorf("asyncio: descriptor %d: %w", fd, net.ErrClosed)
	}
	d := &Descriptor{loop: l, handle: l.owners.next(fd)}
	d.read = direction{d: d, mode: driver.Readable}
	d.write = direction{d: d, mode: driver.Writable}
	if err := l.driver.Arm(d.handle, 0); err != nil {
		return nil, fmt.Errorf("asyncio: descriptor %d: %w", fd, err)
	}
	l.owners.set(d.handle, (*descriptorSink)(d))
	return d, nil
}

// WaitReadable waits until a read would not block. As with every readiness, the
// read may find out otherwise; then wait again. A cancelled wait has taken
// nothing. A second reader gets [ErrBusy]; Close ends the wait with net.ErrClosed.
func (d *Descriptor) WaitReadable(ctx context.Context) error { return d.read.wait(ctx) }

// WaitWritable waits until a write would not block; see WaitReadable.
func (d *Descriptor) WaitWritable(ctx context.Context) error { return d.write.wait(ctx) }

func (r *direction) wait(ctx context.Context) error {
	t, err := checkpoint(ctx)
	if err != nil {
		return err
	}
	d := r.d
	switch {
	case d.closed:
		return net.ErrClosed
	case d.loop != t.scope.loop:
		return ErrOtherLoop
	case r.waiters.Len() > 0:
		return ErrBusy
	}
	if err := d.loop.driver.Arm(d.handle, d.armed|r.mode); err != nil {
		return fmt.Errorf("asyncio: descriptor %d: %w", d.handle.FD, err)
	}
	d.armed |= r.mode
	d.loop.descriptors++
	woken, err := r.waiters.Park(ctx, r)
	d.loop.descriptors--
	if d.closed {
		return net.ErrClosed
	}
	if !woken && r.waiters.Len() == 0 { // a readiness that nobody has used: it stays the system's
		d.rearm(d.armed &^ r.mode)
	}
	return err
}

// rearm makes the system report what is still waited for.
func (d *Descriptor) rearm(m driver.Mode) {
	d.armed = m
	if err := d.loop.driver.Arm(d.handle, m); err != nil {
		d.read.waiters.WakeAll() // they will find out by themselves
		d.write.waiters.WakeAll()
	}
}

// String is what reports call the wait.
func (r *direction) String() string {
	what := "readable"
	if r.mode == driver.Writable {
		what = "writable"
	}
	return fmt.Sprintf("descriptor %d to be %s", r.d.handle.FD, what)
}

// Close ends the waits with net.ErrClosed and forgets the descriptor, which it
// does not close. It may be called twice.
func (d *Descriptor) Close() error {
	if d.closed {
		return nil
	}
	d.end()
	d.loop.owners.remove(d.handle)
	return d.loop.driver.Disarm(d.handle)
}

func (d *Descriptor) end() {
	d.closed = true
	d.read.waiters.WakeAll()
	d.write.waiters.WakeAll()
}

// descriptorSink is a Descriptor as the loop sees it.
type descriptorSink Descriptor

// Ready takes an event from the driver to those who wait for it.
func (s *descriptorSink) Ready(m driver.Mode) {
	d := (*Descriptor)(s)
	d.armed = 0 // one-shot
	left := driver.Mode(0)
	for _, r := range [...]*direction{&d.read, &d.write} {
		if m&r.mode != 0 {
			r.waiters.WakeAll()
		} else if r.waiters.Len() > 0 {
			left |= r.mode
		}
	}
	if left != 0 {
		d.rearm(left)
	}
}

// Lost ends the waits. The descriptor itself is the user's.
func (s *descriptorSink) Lost(ended bool) {
	if d := (*Descriptor)(s); ended {
		d.closed = true // and nobody is left to wake
	} else {
		d.end()
	}
}
