package driver

import (
	"errors"
	"fmt"
	"time"
)

// Epoch is what the clocks of virtual worlds show at their beginning.
var Epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Virtual is a driver whose time jumps to the next deadline as soon as nothing
// else is left to do: an hour of sleeping takes no time. It has no descriptors.
type Virtual struct {
	sleeper
	now Instant
}

// NewVirtual makes a virtual driver at [Epoch].
func NewVirtual() *Virtual {
	v := new(Virtual)
	v.init()
	return v
}

// Now implements Driver.
func (v *Virtual) Now() Instant { return v.now }

// Wall implements Driver: the virtual time of day.
func (v *Virtual) Wall() time.Time { return Epoch.Add(time.Duration(v.now)) }

// Seed implements Driver.
func (v *Virtual) Seed() (uint64, uint64) { return 1, 1 }

// Virtual implements Driver.
func (v *Virtual) Virtual() bool { return true }

// Wait implements Driver. Where there is no deadline only Wake can end it, and
// that takes real time.
func (v *Virtual) Wait(_ []Event, until Instant) (int, error) {
	switch {
	case until == Forever:
		v.sleep(Forever)
	case until > v.now && !v.pending.Load():
		v.now = until
	default:
		v.pending.Store(false)
		v.drain()
	}
	return 0, nil
}

// Advance moves the clock inside a step, as code does that blocks the loop.
func (v *Virtual) Advance(d time.Duration) { v.now = v.now.Add(max(d, 0)) }

// ErrNoDescriptors is what a virtual world says to somebody who waits for a real
// descriptor: what it does takes real time, which is not there.
var ErrNoDescriptors = fmt.Errorf("asyncio: no descriptors under a virtual clock: use real time (asyncio.Run) or memory streams: %w", errors.ErrUnsupported)

// Arm implements Driver.
func (v *Virtual) Arm(Handle, Mode) error { return ErrNoDescriptors }

// Watch implements Driver.
func (v *Virtual) Watch(Handle) error { return ErrNoDescriptors }

// Network implements Driver.
func (v *Virtual) Network() Network { return refusing{} }

// Disarm implements Driver.
func (v *Virtual) Disarm(Handle) error { return nil }

// Close implements Driver.
func (v *Virtual) Close() error { return nil }
