//go:build unix

package aionet_test

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func TestALoopThatWaitsForASocketIsWokenBySignals(t *testing.T) {
	keep := make(chan os.Signal, 10) // so that one that comes too late does no harm
	signal.Notify(keep, syscall.SIGHUP)
	defer signal.Stop(keep)
	hangUp := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Error(err)
		}
	}
	t.Run("of OpenSignals", func(t *testing.T) {
		wokenInTime(t, func(ctx context.Context, soon func(f func())) error {
			s, err := asyncio.OpenSignals(ctx, syscall.SIGHUP)
			if err != nil {
				return err
			}
			defer s.Close()
			soon(hangUp)
			_, err = s.Wait(ctx)
			return err
		}, nil)
	})
	t.Run("of HandleSignals", func(t *testing.T) {
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer l.Close()
			time.AfterFunc(30*time.Millisecond, hangUp)
			_, err = l.AcceptContext(ctx)
			return err
		}, asyncio.HandleSignals(syscall.SIGHUP))
		var s *asyncio.SignalError
		if !errors.As(err, &s) && !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}
