//go:build linux && !asyncio_portable

package driver_test

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// solitary is a driver whose loop knows of nobody outside, with a descriptor that is
// armed: so it sleeps in the system.
func solitary(t *testing.T) (d driver.Driver, h driver.Handle, peer int) {
	t.Helper()
	d = open(t)
	a, b := socketPair(t)
	h = driver.Handle{FD: a, Gen: 1}
	arm(t, d, h, driver.Readable)
	d.Solitary(true)
	return d, h, b
}

func TestASleepInTheSystemEnds(t *testing.T) {
	t.Run("with an event", func(t *testing.T) {
		d, _, peer := solitary(t)
		go func() { time.Sleep(time.Millisecond); syscall.Write(peer, []byte("x")) }()
		if ev := wait(t, d, driver.Forever); len(ev) != 1 || ev[0].Mode != driver.Readable {
			t.Errorf("events %v", ev)
		}
	})
	t.Run("at its deadline and not before, and gives no event", func(t *testing.T) {
		d, _, _ := solitary(t)
		until := d.Now().Add(1500 * time.Microsecond)
		for d.Now() < until { // a signal may end it early
			if ev := wait(t, d, until); len(ev) != 0 {
				t.Fatalf("events %v", ev)
			}
		}
	})
	t.Run("by a Wake, of somebody whom the loop did not know, and the next one sleeps again", func(t *testing.T) {
		d, _, peer := solitary(t)
		for range 3 {
			go func() { time.Sleep(time.Millisecond); d.Wake() }()
			if ev := wait(t, d, d.Now().Add(time.Minute)); len(ev) != 0 {
				t.Errorf("events %v", ev)
			}
			begin := d.Now()
			for until := begin.Add(time.Millisecond); d.Now() < until; {
				wait(t, d, until)
			}
		}
		syscall.Write(peer, []byte("x"))
		if ev := soon(t, d); len(ev) != 1 {
			t.Errorf("after it, with data: events %v", ev)
		}
	})
}

// With one processor a goroutine that is ready would else wait until the runtime takes
// it away from the thread that sleeps.
func TestGoroutinesThatAreReadyRunBeforeASleepInTheSystem(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	d, h, peer := solitary(t)
	syscall.Write(peer, []byte("x")) // nobody reads it: each sleep is over at once
	const times = 100
	ran := 0
	for range times {
		arm(t, d, h, driver.Readable)
		var done atomic.Bool
		go done.Store(true)
		wait(t, d, driver.Forever)
		if done.Load() {
			ran++
		}
		runtime.Gosched()
	}
	if ran < times*9/10 { // once in 61 times the scheduler prefers those who have just run
		t.Errorf("%d of %d goroutines had run when a sleep of no time was over", ran, times)
	}
}
