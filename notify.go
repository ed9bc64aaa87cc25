package asyncio

import "context"

// Notify tells one task that something happened, and remembers it where nobody waits:
// the next Wait then ends at once. It remembers one notification, however many there
// were. Use it to build something of your own whose state is looked at after each Wait;
// for a state that stays set use an [Event], for data a [Queue].
//
// Its zero value is ready for use. All methods are for code that runs on the loop.
type Notify struct {
	line   slotList[single]
	stored bool
	home   bound
}

// single tells whether a waiter was notified alone, so that the notification is handed
// on if it is cancelled, or together with all others.
type single bool

// Wait waits for a notification and uses it up. Waiters are served in the order in which
// they came.
//
// A Wait that is cancelled has used none up (rule C3): one that was meant for it alone
// goes to the next waiter, or is remembered.
func (n *Notify) Wait(ctx context.Context) error {
	if _, err := n.home.enter(ctx, n); err != nil {
		return err
	}
	if n.stored {
		n.stored = false
		return nil
	}
	w := n.line.enqueue(n)
	_, err := w.parked.Park(ctx, (*awaitedNotify)(n))
	handOn := err != nil && bool(w.value)
	n.line.release(w)
	if handOn {
		n.Notify()
	}
	return err
}

// awaitedNotify is a Notify as what those wait for who wait at it.
type awaitedNotify Notify

func (n *awaitedNotify) String() string { return "Notify.Wait" }
func (n *awaitedNotify) of() *bound     { return &n.home }

// Notify wakes the first task that waits, or is remembered where nobody does.
func (n *Notify) Notify() {
	n.home.check("Notify.Notify")
	w := n.line.remove()
	if w == nil {
		n.stored = true
		return
	}
	w.value = true
	w.parked.Wake(1)
}

// NotifyAll wakes everybody who waits now. It is not remembered.
func (n *Notify) NotifyAll() {
	n.home.check("Notify.NotifyAll")
	for w := n.line.remove(); w != nil; w = n.line.remove() {
		w.parked.Wake(1)
	}
}

// inUse tells whether a task waits for a notification.
func (n *Notify) inUse() bool { return n.line.len() > 0 }
