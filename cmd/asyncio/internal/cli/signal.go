package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Interrupt is why a command's context ended: the user, or the system, sent a
// signal. It is found with errors.As in context.Cause(ctx).
type Interrupt struct{ Signal os.Signal }

func (i *Interrupt) Error() string { return fmt.Sprintf("ended by signal: %v", i.Signal) }

// Code is the exit status that shells give to a process that died of the signal.
func (i *Interrupt) Code() int {
	if s, ok := i.Signal.(syscall.Signal); ok {
		return StatusSignal + int(s)
	}
	return StatusFailed
}

// ends are the signals that end a command. That the terminal is gone is one, unless
// somebody wants it to be none, as nohup does.
func ends() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// withSignals returns a context that the first SIGINT, SIGTERM or SIGHUP ends. From
// then on signals have their usual effect, so the second one ends a process
// whose cleanup hangs. The caller must call stop.
func withSignals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, ends()...)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(&Interrupt{Signal: s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
