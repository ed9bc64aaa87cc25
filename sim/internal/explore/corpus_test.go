package explore_test

import "slices"

// A program of the corpus: a bug that a plain test does not show, and the same without
// the bug. The programs are those that comparisons of explorers use, and bugs that
// event loops have had.
type program struct {
	id    string
	name  string
	build func(m *machine, fixed bool)
	// How many schedules it takes to find the bug, measured elsewhere on a model of
	// the same programs: random walk, uniform walk, PCT 3, POS. 0: not compared.
	rw, urw, pct, pos float64
}

var corpus = []program{
	{"01", "lost update", lostUpdate(0, 3), 6, 2, 6, 5},
	{"02", "lost update with a head start", lostUpdate(0, 12), 465, 3, 16, 11},
	{"03", "two locks in two orders", twoLocks, 9, 4, 7, 9},
	{"05", "missed notification", missedNotify, 8, 9, 7, 10},
	{"07", "closed twice", closedTwice, 9, 2, 9, 6},
	{"08", "used before it is made", usedBeforeMade, 7, 3, 3, 3},
	{"09", "cancelled with a lock", cancelledWithLock, 21, 5, 15, 10},
	{"10", "item lost with its getter", lostItem, 11, 5, 30, 29},
	{"11", "permit lost with its waiter", lostPermit, 26, 10, 68, 51},
	{"12", "reply and timeout", replyAndTimeout, 45, 34, 30, 44},
	{"13", "sent again after a lost acknowledgement", sentAgain, 7, 7, 7, 7},
	{"14", "lease without fencing", lease, 31, 31, 37, 35},
	{"15", "stale cache fill", staleFill, 13, 7, 15, 13},
	{"19", "renamed before it is synced", renamedUnsynced, 0, 0, 0, 0},
	{"21", "one step after twenty-five", lateStep, 0, 14, 27, 26},
	{"22", "lost update in noise", lostUpdateInNoise, 9, 2, 75, 6},
}

// lostUpdate: two tasks read, wait, and write back. The starts are k steps apart.
func lostUpdate(starts ...int) func(m *machine, fixed bool) {
	return func(m *machine, fixed bool) {
		x := 0
		for i, k := range starts {
			v := 0
			read := func(*actor) { m.touch(0); v = x }
			write := func(*actor) {
				m.touch(0)
				if fixed {
					v = x
				}
				x = v + 1
			}
			m.task([]string{"first", "second"}[i], idle(k+1), do(read), do(write))
		}
		m.atEnd = func() string {
			if x != len(starts) {
				return "an update is lost"
			}
			return ""
		}
	}
}

func lostUpdateInNoise(m *machine, fixed bool) {
	lostUpdate(0, 4)(m, fixed)
	for range 20 {
		m.task("noise", idle(6))
	}
}

func twoLocks(m *machine, fixed bool) {
	a, b := lock{number: 0}, lock{number: 1}
	take := func(l *lock) []segment {
		return wait(l.free, func(t *actor) { m.touch(l.number); l.owner = t })
	}
	release := do(func(*actor) { m.touch(a.number, b.number); a.owner, b.owner = nil, nil })
	t0 := m.task("t0", idle(1), take(&a), take(&b), release)
	first, second := &b, &a
	if fixed {
		first, second = &a, &b
	}
	t1 := m.task("t1", idle(5), take(first), take(second), release)
	m.atEnd = m.stuck(t0, t1)
}

// missedNotify: the consumer looks at the flag, logs, and only then begins to wait.
func missedNotify(m *machine, fixed bool) {
	ready, waiting, notified := false, false, false
	consumer := m.task("consumer", idle(1),
		do(func(a *actor) {
			if m.touch(0); ready {
				a.end()
			}
		}),
		do(func(a *actor) {
			m.touch(0)
			if waiting = true; fixed && ready {
				a.end()
			}
		}),
		wait(func() bool { return notified }, func(*actor) { m.touch(0) }))
	m.task("producer", idle(4), do(func(*actor) {
		m.touch(0)
		ready = true
		notified = waiting
	}))
	m.atEnd = m.stuck(consumer)
}

func closedTwice(m *machine, fixed bool) {
	closed, closes := false, 0
	for i, name := range []string{"first", "second"} {
		m.task(name, idle(1+4*i),
			do(func(a *actor) {
				if m.touch(0); closed {
					a.end()
				}
				closed = closed || fixed
			}),
			do(func(*actor) {
				m.touch(0)
				closed = true
				if closes++; closes > 1 {
					m.fail("closed twice")
				}
			}))
	}
}

func usedBeforeMade(m *machine, fixed bool) {
	made := false
	m.task("init", idle(4), do(func(*actor) { m.touch(0); made = true }))
	m.task("use", idle(8), wait(func() bool { return made || !fixed }, func(*actor) {
		if m.touch(0); !made {
			m.fail("used before it was made")
		}
	}))
}

func cancelledWithLock(m *machine, fixed bool) {
	var l lock
	leave := func(a *actor) bool {
		if m.touch(0); a.cancelled {
			if fixed && l.owner == a {
				l.owner = nil
			}
			a.end()
		}
		return a.cancelled
	}
	take := wait(l.free, func(a *actor) {
		if !leave(a) {
			l.owner = a
		}
	})
	call := do(func(a *actor) { leave(a) })
	free := do(func(a *actor) {
		if !leave(a) {
			l.owner = nil
		}
	})
	victim := m.task("victim", idle(1), take, call, free)
	m.task("canceller", idle(6), do(func(*actor) { m.touch(0); victim.cancelled = true }))
	other := m.task("other", idle(1), wait(l.free, func(*actor) { m.touch(0) }))
	m.atEnd = m.stuck(other)
}

// lostItem: Put hands the item to the waiting getter, which is cancelled before it runs.
func lostItem(m *machine, fixed bool) {
	waiting, handed, kept, got := false, false, 0, 0
	consumer := m.task("consumer",
		do(func(a *actor) {
			m.touch(0)
			if waiting = kept == 0; !waiting {
				kept, got = 0, 1
				a.end()
			}
		}),
		wait(func() bool { return handed }, func(a *actor) {
			m.touch(0)
			waiting = false
			switch {
			case !a.cancelled:
				got = 1
			case handed && fixed:
				kept++
			}
		}))
	m.task("producer", idle(3), do(func(*actor) {
		if m.touch(0); waiting {
			handed = true
		} else {
			kept++
		}
	}))
	m.task("canceller", idle(6), do(func(*actor) { m.touch(0); consumer.cancelled = true }))
	m.atEnd = func() string {
		if kept+got != 1 {
			return "the item is lost"
		}
		return ""
	}
}

// lostPermit: Release wakes the first waiter, which is cancelled before it runs and
// takes the permit with it.
func lostPermit(m *machine, fixed bool) {
	permits := 0
	var line []*actor
	woken := map[*actor]bool{}
	release := func() {
		if len(line) == 0 {
			permits++
			return
		}
		woken[line[0]] = true
		line = line[1:]
	}
	leave := func(a *actor) { line = slices.DeleteFunc(line, func(w *actor) bool { return w == a }) }
	user := func(name string) (a *actor) {
		a = m.task(name,
			do(func(*actor) {
				if m.touch(0); permits == 0 {
					line = append(line, a)
				} else { // takes it, and gives it back
					a.end()
				}
			}),
			wait(func() bool { return woken[a] }, func(*actor) {
				m.touch(0)
				leave(a)
				if woken[a] && (!a.cancelled || fixed) {
					release()
				}
			}))
		return a
	}
	a, b := user("a"), user("b")
	m.task("releaser", idle(4), do(func(*actor) { m.touch(0); release() }))
	m.task("canceller", idle(8), do(func(*actor) { m.touch(0); a.cancelled = true }))
	m.atEnd = m.stuck(b)
}

// replyAndTimeout: the reply may come at the very moment of the timeout.
func replyAndTimeout(m *machine, fixed bool) {
	latency := 1 + m.draw("latency", 20, 0)
	decided, charged, refunded := false, false, false
	m.task("reply",
		do(func(a *actor) { a.sleep(latency) }),
		do(func(a *actor) {
			if m.touch(0); refunded || fixed && decided {
				a.end()
			}
			decided = true
		}),
		do(func(*actor) { m.touch(0); charged = true }))
	m.task("timeout",
		do(func(a *actor) { a.sleep(10) }),
		do(func(a *actor) {
			if m.touch(0); charged || fixed && decided {
				a.end()
			}
			decided = true
		}),
		do(func(*actor) { m.touch(0); refunded = true }))
	m.atEnd = func() string {
		if charged && refunded {
			return "charged and refunded"
		}
		return ""
	}
}

// sentAgain: a request whose acknowledgement is lost is sent again, and counts twice.
func sentAgain(m *machine, fixed bool) {
	counted := 0
	done := map[int]bool{}
	serve := func(request int) (acknowledged bool) {
		if m.draw("request lost", 2, 0.05) == 1 {
			return false
		}
		if !fixed || !done[request] {
			counted++
		}
		done[request] = true
		return m.draw("acknowledgement lost", 2, 0.05) == 0
	}
	var parts []segment
	for i := range 3 {
		parts = append(parts, segment{do: func(a *actor) {
			if !serve(i) {
				a.pc-- // once more, until it is acknowledged
				a.sleep(10)
			}
		}})
	}
	m.task("client", parts)
	m.task("other", idle(4))
	m.atEnd = func() string {
		if counted != 3 {
			return "a request counts twice"
		}
		return ""
	}
}

// lease: the first node pauses between its look at the lease and its write; meanwhile
// the lease runs out and the second node takes it.
func lease(m *machine, fixed bool) {
	holder, expires := "", 0
	node := func(name string, start int) {
		m.task(name,
			do(func(a *actor) { a.sleep(start) }),
			do(func(a *actor) {
				if holder == "" || m.now >= expires {
					holder, expires = name, m.now+10
				}
				if holder != name {
					a.end()
					return
				}
				a.sleep(1 + m.draw("pause", 15, 0))
			}),
			do(func(*actor) {
				if fixed && (holder != name || m.now >= expires) {
					return // the storage knows a newer token
				}
				if holder != name {
					m.fail("written by " + name + " under the lease of " + holder)
				}
			}))
	}
	node("n0", 1)
	node("n1", 1+m.draw("start", 30, 0))
}

// staleFill: the reader fills the cache with what it read before the write.
func staleFill(m *machine, fixed bool) {
	db, cache, v, version, seen := 1, 0, 0, 0, 0
	m.task("reader", idle(1),
		do(func(a *actor) {
			if m.touch(1); cache != 0 {
				a.end()
			}
		}),
		do(func(*actor) { m.touch(0, 1); v, seen = db, version }),
		do(func(*actor) {
			if m.touch(1); !fixed || seen == version {
				cache = v
			}
		}))
	m.task("writer", idle(3),
		do(func(*actor) { m.touch(0); db = 2 }),
		do(func(*actor) { m.touch(1); cache, version = 0, version+1 }))
	m.atEnd = func() string {
		if cache == 1 {
			return "the cache is stale"
		}
		return ""
	}
}

// renamedUnsynced: a file is renamed before its content is on the disk; a crash at some
// moment loses the content.
func renamedUnsynced(m *machine, fixed bool) {
	written, renamed, synced := false, false, false
	m.task("writer", idle(2),
		do(func(*actor) { written, synced = true, fixed }),
		do(func(*actor) { renamed = true }),
		do(func(*actor) { synced = true }), // the system's own flush
		idle(2))
	m.task("crash", idle(m.draw("moment of the crash", 12, 0)), do(func(*actor) {
		if !written || synced {
			return
		}
		if m.draw("content lost", 2, 0.5) == 1 && renamed {
			m.fail("the file is empty")
		}
		for _, a := range m.tasks {
			a.end()
		}
	}))
}

// lateStep: all is well unless one task's only step comes after 25 of another.
func lateStep(m *machine, fixed bool) {
	late := false
	m.task("long", idle(24), do(func(*actor) { m.touch(0); late = !fixed }), idle(1))
	m.task("short", do(func(*actor) {
		if m.touch(0); late {
			m.fail("the short task came late")
		}
	}))
}
