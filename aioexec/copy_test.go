//go:build unix

package aioexec_test

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

func TestAnInputFromWhichNothingComesDoesNotHoldUpTheEnd(t *testing.T) {
	run(t, func(ctx context.Context) error {
		source := aioexec.Command("sleep", "1000")
		in, err := source.StdoutPipe()
		must(t, err)
		must(t, source.Start(ctx))
		c := sh("exit 0")
		c.Stdin, c.WaitDelay = in, -1
		must(t, c.Run(ctx))
		must(t, source.Kill())
		_, err = in.ReadContext(ctx, make([]byte, 1))
		if err == nil || err.Error() != "EOF" {
			t.Errorf("the source cannot be read any more: %v", err)
		}
		return nil
	})
}

// stuck is a writer of the loop that takes nothing.
type stuck struct{ never asyncio.Event }

func (s *stuck) Write(p []byte) (int, error) { panic("WriteContext is to be used") }

func (s *stuck) WriteContext(ctx context.Context, p []byte) (int, error) {
	return 0, s.never.Wait(ctx)
}

func TestAWriterThatTakesNothingIsGivenUpAfterWaitDelay(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := sh("echo text")
		c.Stdout, c.WaitDelay = &stuck{}, 10*time.Millisecond
		if err := c.Run(ctx); !errors.Is(err, exec.ErrWaitDelay) {
			t.Errorf("Run: %v", err)
		}
		return nil
	})
}

func TestAGrandchildIsFedUntilWaitDelay(t *testing.T) {
	const size = 1 << 20
	run(t, func(ctx context.Context) error {
		c := sh("exec 3<&0; wc -c <&3 &") // the shell itself ends at once
		c.Stdin = bytes.NewReader(make([]byte, size))
		c.WaitDelay = long
		var out bytes.Buffer
		c.Stdout = &out
		if err := c.Run(ctx); err != nil || strings.TrimSpace(out.String()) != "1048576" {
			t.Errorf("%q, %v", &out, err)
		}
		return nil
	})
}

func TestAChildIsKilledThoughCancelPanics(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := aioexec.Command("sleep", "1000")
		c.WaitDelay = time.Millisecond
		c.Cancel = func() error { panic("of Cancel") }
		must(t, c.Start(ctx))
		func() {
			defer func() {
				if v := recover(); v != "of Cancel" {
					t.Errorf("recovered %v", v)
				}
			}()
			ended, timeout := asyncio.WithTimeout(ctx, long)
			timeout.Cancel()
			t.Errorf("Join returned %v", c.Join(ended))
		}()
		if err := c.Wait(ctx); err == nil || endedBy(c) != syscall.SIGKILL {
			t.Errorf("Wait: %v", err)
		}
		return nil
	})
}

func TestOthersHaveTheirTurnWhileMuchIsCopied(t *testing.T) {
	const size = 32 << 20
	run(t, func(ctx context.Context) error {
		turns := 0
		ticker := asyncio.Go(ctx, func(ctx context.Context) error {
			for ; ; turns++ {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
		})
		out, _, err := sh("cat").Communicate(ctx, make([]byte, size))
		ticker.Cancel(nil)
		if want := size / (256 << 10); len(out) != size || turns < want {
			t.Errorf("%d bytes and %d turns, want %d", len(out), turns, want)
		}
		return err
	})
}

// hoarder is a reader that keeps the buffer which it was given, as a thread would that
// still reads into it when its caller was cancelled.
type hoarder struct {
	buf   []byte
	never asyncio.Event
}

func (h *hoarder) Read(p []byte) (int, error) { panic("ReadContext is to be used") }

func (h *hoarder) ReadContext(ctx context.Context, p []byte) (int, error) {
	h.buf = p
	return 0, h.never.Wait(ctx)
}

func TestTheBufferOfAReadThatWasCancelledIsNotTheNextChilds(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var last []byte
		for range 5 {
			h := &hoarder{}
			c := sh("exit 0")
			c.Stdin = h
			must(t, c.Run(ctx))
			if last != nil && h.buf != nil && &last[0] == &h.buf[0] {
				t.Error("the same buffer")
			}
			last = h.buf
		}
		return nil
	})
}
