//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// socketPair is two connected, non-blocking sockets.
func socketPair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		syscall.SetNonblock(fd, true)
	}
	t.Cleanup(func() { syscall.Close(fds[0]); syscall.Close(fds[1]) })
	return fds[0], fds[1]
}

// soon waits up to a second for events.
func soon(t *testing.T, d driver.Driver) []driver.Event {
	t.Helper()
	until := d.Now().Add(time.Second)
	for d.Now() < until {
		if events := wait(t, d, until); len(events) > 0 {
			return events
		}
	}
	return nil
}

func arm(t *testing.T, d driver.Driver, h driver.Handle, m driver.Mode) {
	t.Helper()
	if err := d.Arm(h, m); err != nil {
		t.Fatal(err)
	}
}

func TestAnArmedHandleGetsOneEvent(t *testing.T) {
	d := open(t)
	a, b := socketPair(t)
	h := driver.Handle{FD: a, Gen: 7}
	arm(t, d, h, driver.Readable)
	if ev := wait(t, d, 0); len(ev) != 0 {
		t.Errorf("before there is data: %v", ev)
	}
	go func() { time.Sleep(time.Millisecond); syscall.Write(b, []byte("x")) }()
	if ev := soon(t, d); len(ev) != 1 || ev[0] != (driver.Event{Handle: h, Mode: driver.Readable}) {
		t.Errorf("with data: %v", ev)
	}
	if ev := wait(t, d, 0); len(ev) != 0 {
		t.Errorf("a second event for one Arm: %v", ev)
	}
	arm(t, d, h, driver.Readable)
	if ev := soon(t, d); len(ev) != 1 {
		t.Errorf("armed anew, with data that nobody has read: %v", ev)
	}
}

func TestDirectionsAreApart(t *testing.T) {
	d := open(t)
	a, _ := socketPair(t)
	h := driver.Handle{FD: a, Gen: 1}
	arm(t, d, h, driver.Readable)
	if ev := wait(t, d, 0); len(ev) != 0 {
		t.Errorf("writable, but only reading was asked for: %v", ev)
	}
	arm(t, d, h, driver.Readable|driver.Writable)
	if ev := soon(t, d); len(ev) != 1 || ev[0].Mode != driver.Writable {
		t.Errorf("events %v, want writable alone", ev)
	}
}

func TestThePeersEndIsReadable(t *testing.T) {
	d := open(t)
	a, b := socketPair(t)
	arm(t, d, driver.Handle{FD: a, Gen: 1}, driver.Readable)
	syscall.Shutdown(b, syscall.SHUT_WR)
	if ev := soon(t, d); len(ev) != 1 || ev[0].Mode&driver.Readable == 0 {
		t.Errorf("events %v", ev)
	}
}

func TestADisarmedHandleGetsNothing(t *testing.T) {
	d := open(t)
	a, b := socketPair(t)
	h := driver.Handle{FD: a, Gen: 1}
	arm(t, d, h, driver.Readable)
	if err := d.Disarm(h); err != nil {
		t.Fatal(err)
	}
	syscall.Write(b, []byte("x"))
	if ev := wait(t, d, 0); len(ev) != 0 {
		t.Errorf("events %v", ev)
	}
	if err := d.Disarm(h); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

// The number of a closed descriptor goes to somebody else: the old owner's Disarm
// must not touch him, and events carry the new generation.
func TestALaterOwnerOfTheNumberIsAnother(t *testing.T) {
	d := open(t)
	a, b := socketPair(t)
	old, now := driver.Handle{FD: a, Gen: 1}, driver.Handle{FD: a, Gen: 2}
	arm(t, d, old, driver.Readable)
	arm(t, d, now, driver.Readable)
	d.Disarm(old)
	syscall.Write(b, []byte("x"))
	if ev := soon(t, d); len(ev) != 1 || ev[0].Handle != now {
		t.Errorf("events %v, want one of the new owner", ev)
	}
}

// A descriptor that was duplicated and then closed stays in a level-triggered
// poller for ever. Here it fires once more at the most.
func TestADuplicatedAndClosedDescriptorDoesNotSpin(t *testing.T) {
	d := open(t)
	a, b := socketPair(t)
	number, err := syscall.Dup(a)
	if err != nil {
		t.Fatal(err)
	}
	h := driver.Handle{FD: number, Gen: 1}
	arm(t, d, h, driver.Readable)
	syscall.Close(number)
	syscall.Write(b, []byte("x"))
	events := 0
	for range 50 {
		events += len(wait(t, d, 0))
	}
	if events > 1 {
		t.Errorf("%d events", events)
	}
	if err := d.Disarm(h); err != nil {
		t.Errorf("Disarm of a closed descriptor: %v", err)
	}
}

func TestMoreReadyDescriptorsThanFitIntoOneWait(t *testing.T) {
	d := open(t)
	const n = 50
	for i := range n {
		a, b := socketPair(t)
		arm(t, d, driver.Handle{FD: a, Gen: uint32(i)}, driver.Readable)
		syscall.Write(b, []byte("x"))
	}
	seen := make(map[uint32]bool)
	for range n {
		for _, e := range wait(t, d, 0) {
			seen[e.Handle.Gen] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d were seen", len(seen), n)
	}
}

func TestWhatCannotBeWaitedForIsRefused(t *testing.T) {
	d := open(t)
	fd, err := syscall.Open("driver.go", syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.Close(fd)
	if err := d.Arm(driver.Handle{FD: fd, Gen: 1}, driver.Readable); err == nil {
		t.Error("a closed descriptor was accepted")
	}
}

// A child that writes and ends at once leaves such a pipe: what it has written is to
// be read, and the watch for both directions must not fail for the one that is gone.
func TestAPipeWhoseOtherEndIsClosedCanBeWatched(t *testing.T) {
	for _, c := range []struct {
		name string
		kept int // of the two ends
		want driver.Mode
	}{{"the reader", 0, driver.Readable | driver.Hangup}, {"the writer", 1, driver.Writable}} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			var ends [2]int
			if err := syscall.Pipe(ends[:]); err != nil {
				t.Fatal(err)
			}
			defer syscall.Close(ends[c.kept])
			syscall.SetNonblock(ends[c.kept], true)
			syscall.Write(ends[1], []byte("last words"))
			syscall.Close(ends[1-c.kept])
			if err := d.Watch(driver.Handle{FD: ends[c.kept], Gen: 1}); err != nil {
				t.Fatal(err)
			}
			var told driver.Mode
			for _, e := range soon(t, d) {
				told |= e.Mode
			}
			if told&c.want != c.want {
				t.Errorf("told %v, want %v", told, c.want)
			}
		})
	}
}
