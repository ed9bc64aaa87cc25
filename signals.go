package asyncio

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// A SignalError is the cause of the cancellation of main by a signal.
type SignalError struct{ Signal os.Signal }

func (e *SignalError) Error() string { return fmt.Sprintf("asyncio: received signal %v", e.Signal) }

// handleSignals cancels main at the first signal and lets the second end the
// process. Until then the loop is never deadlocked: the signal may still come and
// wake main (rule L5). Each signal has a channel of its own: one that two share can lose one
// of them.
func (l *Loop) handleSignals(main AnyTask) (stop func()) {
	if !l.handleSigs {
		return func() {}
	}
	wanted := l.signals
	if len(wanted) == 0 {
		wanted = []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	l.handles++
	awaited := true
	over := func() {
		if awaited {
			awaited = false
			l.handles--
		}
	}
	whenDone(main, over)
	all := make(chan os.Signal)
	quit := make(chan struct{})
	var channels []chan os.Signal
	var group sync.WaitGroup
	for _, s := range wanted {
		c := make(chan os.Signal, 1)
		listeners.add(s, 1)
		signal.Notify(c, s)
		channels = append(channels, c)
		group.Go(func() { forward(c, all, quit) })
	}
	group.Go(func() {
		obey(all, quit, func(s os.Signal) {
			l.posts.post(func() {
				over()
				main.Cancel(&SignalError{s})
			})
		})
	})
	return func() {
		for i, c := range channels {
			signal.Stop(c)
			listeners.add(wanted[i], -1)
		}
		close(quit)
		group.Wait()
	}
}

// forward brings the signals of one channel to the common one.
func forward(c <-chan os.Signal, all chan<- os.Signal, quit <-chan struct{}) {
	for {
		select {
		case s := <-c:
			select {
			case all <- s:
			case <-quit:
				return
			}
		case <-quit:
			return
		}
	}
}

// obey gives the first signal to first and lets the second end the process.
func obey(all <-chan os.Signal, quit <-chan struct{}, first func(os.Signal)) {
	for n := 0; ; n++ {
		select {
		case s := <-all:
			if n > 0 {
				endProcess(s)
			}
			first(s)
		case <-quit:
			return
		}
	}
}

// endProcess ends the process by s, as if nobody had handled it.
func endProcess(s os.Signal) {
	signal.Reset(s)
	if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(s) == nil {
		select {} // it is on its way
	}
	os.Exit(1)
}
