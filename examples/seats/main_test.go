package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// office is the office under test: of the version that SEATS in the environment names,
// or the newest.
func office() Office {
	o := Office{Listen: ":7000", File: "seats.txt", Version: Newest}
	if v, err := strconv.Atoi(os.Getenv("SEATS")); err == nil {
		o.Version = v
	}
	return o
}

// tickets are what customers were told: their seats.
type tickets map[string]int

// visit gets a seat for a customer.
func (t tickets) visit(ctx context.Context, office, customer string) error {
	seat, err := Book(ctx, office, customer)
	if err == nil {
		t[customer] = seat
	}
	return err
}

// differ tells if a seat was sold twice.
func (t tickets) differ() error {
	owner := map[int]string{}
	for _, customer := range slices.Sorted(maps.Keys(t)) {
		seat := t[customer]
		if other := owner[seat]; other != "" {
			return fmt.Errorf("seat %d is %s's and %s's", seat, other, customer)
		}
		owner[seat] = customer
	}
	return nil
}

// Three customers come within 20 ms. All of it is real: time, sockets, the file.
func TestRealTime(t *testing.T) {
	o := office()
	o.File = filepath.Join(t.TempDir(), "seats.txt")
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		open := asyncio.Go(ctx, func(ctx context.Context) error { return o.Serve(ctx, l) })
		defer open.Cancel(nil)
		told := tickets{}
		err = asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for _, name := range []string{"alice", "bob", "carol"} {
				g.Go(func(ctx context.Context) error {
					asyncio.Sleep(ctx, time.Duration(asyncio.Rand(ctx).Int64N(int64(20*time.Millisecond))))
					return told.visit(ctx, l.Addr().String(), name)
				})
			}
			return nil
		})
		return errors.Join(err, told.differ())
	})
	if err != nil {
		t.Error(err)
	}
}

// Two customers come to an office. Nothing goes wrong, but things come in any order.
func TestOrder(t *testing.T) {
	sim.Check(t, order, sim.WithFaults(sim.Faults{}))
}

func order(w *sim.World) {
	w.Host("office", office().Run)
	told := tickets{}
	alice := w.Go("alice", func(ctx context.Context) error { return told.visit(ctx, "office:7000", "alice") })
	bob := w.Go("bob", func(ctx context.Context) error { return told.visit(ctx, "office:7000", "bob") })
	alice.Await(w.Context())
	bob.Await(w.Context())
	if err := told.differ(); err != nil {
		w.Fatalf("%v", err)
	}
}

// FuzzOrder lets the fuzzer decide what TestOrder leaves to a strategy.
func FuzzOrder(f *testing.F) { sim.Fuzz(f, order, sim.WithFaults(sim.Faults{})) }

// Two customers get a seat each, whatever happens to the office and to the network.
func TestFaults(t *testing.T) { sim.Check(t, faults) }

func faults(w *sim.World) {
	told := tickets{}
	w.Always("no seat is sold twice", told.differ)
	w.Always("no seat is lost", func() error { return told.below(2) })

	box := w.Host("office", supervised, sim.Mortal())
	for _, name := range []string{"alice", "bob"} {
		w.Go(name, func(ctx context.Context) error {
			asyncio.Sleep(ctx, w.Duration(0, time.Second, "when "+name+" comes"))
			return told.visit(ctx, "office:7000", name)
		})
	}
	asyncio.Sleep(w.Context(), w.Duration(0, time.Second, "when the power fails"))
	w.Crash(box)
	w.Restart(box)
	w.Quiet()
	w.Eventually(time.Minute, "both have a seat", func() error {
		if len(told) < 2 {
			return fmt.Errorf("only %v", told)
		}
		return nil
	})
}

// supervised opens the office again when an error has closed it, as systemd would.
func supervised(ctx context.Context) error {
	for ctx.Err() == nil {
		office().Run(ctx)
		asyncio.Sleep(ctx, 100*time.Millisecond)
	}
	return nil
}

// below tells if there is a seat beyond those that are needed: then one before it is
// sold to somebody who does not know it.
func (t tickets) below(seats int) error {
	for _, customer := range slices.Sorted(maps.Keys(t)) {
		if t[customer] > seats {
			return fmt.Errorf("%s has seat %d, and there are %d customers", customer, t[customer], seats)
		}
	}
	return nil
}
