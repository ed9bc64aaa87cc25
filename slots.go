package asyncio

// slot is the place in a line of a task of which more must be known than that it waits.
// It has a wait queue of its own, so that it can be woken wherever it stands.
type slot[T any] struct {
	parked     WaitQueue // of one; it is empty where the wait is over
	end        any       // the *Sender or *Receiver it waits at
	value      T         // what a sender wants to send
	failed     error     // why it was woken, other than because it was served
	next, prev *slot[T]
}

// slotList is a first-in, first-out line, from which anybody can leave at once: a sender
// that tries again and again under a timeout must not leave a record behind each time.
type slotList[T any] struct {
	first, last *slot[T]
	spare       *slot[T] // records to use again, linked by next
	n           int      // records in the line
}

// add puts w at the end of the line.
func (l *slotList[T]) add(w *slot[T]) {
	l.n++
	w.prev = l.last
	if l.last != nil {
		l.last.next = w
	} else {
		l.first = w
	}
	l.last = w
}

// drop takes w out of the line, unless it has left already.
func (l *slotList[T]) drop(w *slot[T]) {
	if w.prev == nil && l.first != w {
		return
	}
	l.n--
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.last = w.prev
	}
	w.prev, w.next = nil, nil
}

// remove takes the first out of the line who still waits, or returns nil. Those who were
// cancelled and have not run yet are in the line but wait no more.
func (l *slotList[T]) remove() *slot[T] {
	for w := l.first; w != nil; w = l.first {
		l.drop(w)
		if w.parked.Len() > 0 {
			return w
		}
	}
	return nil
}

// fail ends the wait of everybody who waits at an end that is being closed.
func (l *slotList[T]) fail(end any, err error) {
	for w := l.first; w != nil; {
		next := w.next
		if w.end == end {
			l.drop(w)
			w.failed = err
			w.parked.Wake(1)
		}
		w = next
	}
}

// len counts those who still wait.
func (l *slotList[T]) len() int {
	n := 0
	for w := l.first; w != nil; w = w.next {
		n += w.parked.Len()
	}
	return n
}

// waiting is len for consoles: see that of line.
func (l *slotList[T]) waiting() int {
	if l.n > longLine {
		return l.n
	}
	return l.len()
}

// enqueue adds a record for a task that is about to wait at an end.
func (l *slotList[T]) enqueue(end any) *slot[T] {
	w := l.spare
	if w == nil {
		w = new(slot[T])
	} else {
		l.spare, w.next = w.next, nil
	}
	w.end = end
	l.add(w)
	return w
}

// release takes back the record of a task whose wait is over.
func (l *slotList[T]) release(w *slot[T]) {
	l.drop(w)
	*w = slot[T]{next: l.spare}
	l.spare = w
}
