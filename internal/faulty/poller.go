package faulty

import (
	"os"

	"github.com/goasyncio/asyncio/internal/driver"
)

// Network implements driver.Driver.
func (w *World) Network() driver.Network { return w.network }

// Arm implements driver.Driver.
func (w *World) Arm(h driver.Handle, m driver.Mode) error {
	if out := w.enter(Arm, -1, 0); out.Err != nil {
		return os.NewSyscallError("arm", out.Err)
	}
	return w.Driver.Arm(h, m)
}

// Watch implements driver.Driver.
func (w *World) Watch(h driver.Handle) error {
	if out := w.enter(Watch, h.FD, 0); out.Err != nil {
		return os.NewSyscallError("watch", out.Err)
	}
	if err := w.Driver.Watch(h); err != nil {
		return err
	}
	w.watched[h.FD] = h
	if w.Spurious {
		w.late = append(w.late, driver.Event{Handle: h, Mode: driver.Readable | driver.Writable})
	}
	return nil
}

// Disarm implements driver.Driver.
func (w *World) Disarm(h driver.Handle) error {
	if w.watched[h.FD] == h {
		delete(w.watched, h.FD)
		if w.Spurious { // as one that was in the batch already
			w.late = append(w.late, driver.Event{Handle: h, Mode: driver.Readable | driver.Writable | driver.Hangup})
		}
	}
	return w.Driver.Disarm(h)
}

// Wait implements driver.Driver.
func (w *World) Wait(events []driver.Event, until driver.Instant) (int, error) {
	if len(w.late) > 0 {
		until = w.Now()
	}
	n, err := w.Driver.Wait(events, until)
	if err != nil || !w.Spurious {
		return n, err
	}
	real := events[:n]
	k := copy(events[n:], w.late)
	w.late = append(w.late[:0], w.late[k:]...)
	for _, e := range real {
		if w.watched[e.Handle.FD] == e.Handle {
			w.late = append(w.late, e)
		}
	}
	return n + k, nil
}
