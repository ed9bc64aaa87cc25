//go:build asyncio_portable || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package driver

import (
	"errors"
	"fmt"
)

// portable has no way to wait for a descriptor, only for time and for Wake.
type portable struct{ sleeper }

// New makes the driver for this system.
func New() (Driver, error) {
	p := new(portable)
	p.init()
	return p, nil
}

var errNoPoller = fmt.Errorf("asyncio: the portable driver cannot wait for a descriptor: use ToThread: %w", errors.ErrUnsupported)

func (p *portable) Wait(_ []Event, until Instant) (int, error) {
	p.sleep(until)
	return 0, nil
}

func (p *portable) Arm(Handle, Mode) error { return errNoPoller }
func (p *portable) Disarm(Handle) error    { return nil }
func (p *portable) Close() error           { return nil }

func (p *portable) Watch(Handle) error { return errNoPoller }
func (p *portable) Network() Network   { return refusing{} }
