package sim

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// hostDriver is what the loop of a host runs on: the world, as one process of the host
// sees it. A restarted host gets a new one, and the old one is dead for good.
type hostDriver struct {
	host  *Host
	world *World
	dead  bool // the process has crashed: its tasks unwind
	told  bool // the loop knows that

	woken   atomic.Bool
	foreign atomic.Pointer[error] // why this world is not the only one
	wake    chan struct{}         // for Blocked alone
}

func newHostDriver(h *Host) *hostDriver {
	return &hostDriver{host: h, world: h.world, wake: make(chan struct{}, 1)}
}

// reset makes d a new one.
func (d *hostDriver) reset() {
	d.dead, d.told = false, false
	d.woken.Store(false)
	d.foreign.Store(nil)
	select {
	case <-d.wake:
	default:
	}
}

// Now implements driver.Driver.
func (d *hostDriver) Now() driver.Instant { return d.host.clock.local(d.world.now) }

// Wall implements driver.Driver.
func (d *hostDriver) Wall() time.Time { return d.host.clock.wall(d.world.now) }

// Virtual implements driver.Driver.
func (d *hostDriver) Virtual() bool { return true }

// Solitary implements driver.Driver: there is one way to sleep.
func (d *hostDriver) Solitary(bool) {}

// Wait implements driver.Driver. Where there is nothing for the host, the world goes on
// with others.
func (d *hostDriver) Wait(events []driver.Event, until driver.Instant) (int, error) {
	if !d.dead {
		d.world.stepped()
	}
	n := d.host.collect(events)
	if n > 0 || d.dead || d.woken.Swap(false) || until <= d.Now() {
		return n, nil
	}
	d.host.sleep(until)
	d.woken.Store(false)
	return d.host.collect(events), nil
}

// Wake implements driver.Driver. It comes from a thread, which the loop waits for, or
// from a goroutine that has no business in a simulated world.
func (d *hostDriver) Wake() {
	if err := stranger(); err != nil {
		d.foreign.CompareAndSwap(nil, &err)
	}
	d.woken.Store(true)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Blocked implements inside.Explorer: the world stands still while a thread works.
func (d *hostDriver) Blocked() {
	if !d.woken.Load() {
		<-d.wake
	}
}

// Next implements inside.Explorer.
func (d *hostDriver) Next(ready []inside.Entry) int {
	if !d.dead {
		if err := d.foreign.Load(); err != nil {
			d.world.fail(d.host, *err)
		}
		d.world.stepped()
		d.host.offer(ready)
	}
	switch {
	case !d.dead:
		return d.host.picked
	case !d.told:
		d.told = true
		return inside.Crash
	case len(ready) == 0:
		return inside.Nothing
	}
	return 0 // what is left of the process ends at once, out of the world's sight
}

// Created implements inside.Explorer.
func (d *hostDriver) Created(task uint64, fn any) {
	if !d.dead {
		d.host.created(task, fn)
	}
}

// GivesWay implements inside.Explorer.
func (d *hostDriver) GivesWay(task uint64, on any) {
	if d.world.trace != nil && !d.dead {
		d.world.trace.givesWay(d.host, task)
	}
}

// Stuck implements inside.Explorer: the tables of all hosts say more than err does.
func (d *hostDriver) Stuck(error) {
	if !d.dead {
		d.world.fail(d.host, d.world.deadlock(fmt.Sprintf("every task of host %q waits, and nothing is left that could wake one", d.host.name)))
	}
}

// Watch implements driver.Driver.
func (d *hostDriver) Watch(h driver.Handle) error { return d.host.network().Watch(h) }

// Arm implements driver.Driver.
func (d *hostDriver) Arm(h driver.Handle, m driver.Mode) error { return d.host.network().Arm(h, m) }

// Disarm implements driver.Driver.
func (d *hostDriver) Disarm(h driver.Handle) error { return d.host.network().Disarm(h) }

// Network implements driver.Driver.
func (d *hostDriver) Network() driver.Network { return d.host.network() }

// Close implements driver.Driver.
func (d *hostDriver) Close() error { return nil }

// Seed implements driver.Driver: each process of a host has numbers of its own, and the tape
// decides which.
func (d *hostDriver) Seed() (uint64, uint64) {
	const seeds = 1 << 20
	return uint64((*env)(d.world).Draw(seeds, "random numbers of "+d.host.name)), uint64(d.host.index)
}
