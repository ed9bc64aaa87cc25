package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// greeter is a program: it serves on a port and tells which.
func greeter(ctx context.Context, listens func(port string)) error {
	l, err := aionet.Listen(ctx, "tcp4", ":0")
	if err != nil {
		return err
	}
	defer l.Close()
	_, port, _ := splitPort(l.Addr().String())
	listens(port)
	c, err := l.AcceptContext(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WriteContext(ctx, []byte("hello"))
	return err
}

func splitPort(address string) (host, port string, ok bool) {
	i := bytes.LastIndexByte([]byte(address), ':')
	return address[:max(i, 0)], address[i+1:], i >= 0
}

// greeting is what a greeter says.
func greeting(ctx context.Context, address string) (string, error) {
	c, err := aionet.Dial(ctx, "tcp4", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	all, err := io.ReadAll(c)
	return string(all), err
}

func TestRuleW1_TheProgramIsThatOfProduction(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error { // on the real network
		port := asyncio.NewFuture[string](ctx)
		server := asyncio.Go(ctx, func(ctx context.Context) error { return greeter(ctx, func(p string) { port.SetResult(p) }) })
		p, err := port.Await(ctx)
		if err != nil {
			return err
		}
		if said, err := greeting(ctx, "127.0.0.1:"+p); said != "hello" || err != nil {
			t.Errorf("on the real network: %q, %v", said, err)
		}
		_, err = server.Await(ctx)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if f := quietly(t, 50, func(w *World) {
		var port string
		w.Host("server", func(ctx context.Context) error { return greeter(ctx, func(p string) { port = p }) })
		wait(w, time.Second)
		if said, err := greeting(w.Context(), "server:"+port); said != "hello" || err != nil {
			w.Errorf("%q, %v", said, err)
		}
	}, WithFaults(Faults{})); f != nil {
		t.Errorf("in a world: %v", f)
	}
}

// medley is a program of many tasks of some of four kinds, whose steps it writes down.
// Those of the first two kinds give way in production as often as in a world.
func medley(seed uint64, kinds int, note func(string)) func(ctx context.Context) {
	return func(ctx context.Context) {
		r := rand.New(rand.NewPCG(seed, 0))
		var lock asyncio.Lock
		queue := asyncio.NewQueue[int](2)
		asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 6 {
				kind, pause := r.IntN(kinds), time.Duration(r.IntN(3))*time.Millisecond
				g.Go(func(ctx context.Context) error {
					for k := range 4 {
						note(fmt.Sprint(i, ".", k))
						switch kind {
						case 0:
							asyncio.Sleep(ctx, pause)
						case 1:
							asyncio.CallSoon(ctx, func() { note(fmt.Sprint("callback ", i)) })
							asyncio.Yield(ctx)
						case 2:
							lock.Acquire(ctx)
							asyncio.Yield(ctx)
							lock.Release()
						default:
							queue.Put(ctx, k)
							queue.Get(ctx)
						}
					}
					return nil
				})
			}
			return nil
		})
	}
}

func TestRuleW2_OnATapeOfZerosTheOrderIsThatOfProduction(t *testing.T) {
	for seed := range uint64(200) {
		var production, simulated []string
		asynciotest.Run(t, medley(seed, 2, func(s string) { production = append(production, s) }))
		l := newLane(newOptions(t, nil), func(w *World) {
			medley(seed, 2, func(s string) { simulated = append(simulated, s) })(w.Context())
		})
		l.chooser.Replay(nil)
		if got, _ := l.run(1, false); got.failure != nil {
			t.Fatal(got.failure)
		}
		l.close()
		if !slices.Equal(production, simulated) {
			t.Fatalf("program %d:\n%v in production\n%v in a world", seed, production, simulated)
		}
	}
}

func TestRuleW2_TheSameTapeIsTheSameRun(t *testing.T) {
	for seed := range uint64(50) {
		var last []string
		l := newLane(newOptions(t, nil), func(w *World) {
			last = last[:0]
			medley(seed, 4, func(s string) { last = append(last, s) })(w.Context())
		})
		s, _ := explore.Named("")
		l.chooser.Begin(s, seed, 1)
		first, _ := l.run(1, false)
		order, tape := slices.Clone(last), slices.Clone(first.tape)
		for range 3 {
			l.chooser.Replay(tape)
			again, _ := l.run(1, false)
			if again.hash != first.hash || !slices.Equal(last, order) || !again.tape.SamePicks(tape) {
				t.Fatalf("program %d: %v, then %v", seed, order, last)
			}
		}
		l.close()
	}
}

func TestRuleW3_TasksComeInAnyOrderAndCallbacksAndWaitersInTheirs(t *testing.T) {
	orders := map[string]bool{}
	if f := quietly(t, 200, func(w *World) {
		ctx := w.Context()
		var order, called, woken []int
		var lock asyncio.Lock
		lock.Acquire(ctx)
		for i := range 3 {
			asyncio.CallSoon(ctx, func() { called = append(called, i) })
			w.Go("runner", func(context.Context) error { order = append(order, i); return nil })
		}
		for i := range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				if err := lock.Acquire(ctx); err != nil {
					return err
				}
				woken = append(woken, i)
				lock.Release()
				return nil
			})
			wait(w, time.Second) // so that they wait in this order
		}
		lock.Release()
		wait(w, time.Second)
		if want := []int{0, 1, 2}; !slices.Equal(called, want) || !slices.Equal(woken, want) {
			w.Errorf("callbacks %v, waiters %v", called, woken)
		}
		orders[fmt.Sprint(order)] = true
	}); f != nil {
		t.Error(f)
	}
	if len(orders) != 6 {
		t.Errorf("of the 6 orders of three tasks %d came", len(orders))
	}
}

func TestRuleW3_TimersOfOneInstantComeInAnyOrder(t *testing.T) {
	orders := map[string]bool{}
	if f := quietly(t, 200, func(w *World) {
		var order []int
		for i := range 3 {
			w.Go("sleeper", func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Second)
				order = append(order, i)
				return nil
			})
		}
		wait(w, 2*time.Second)
		orders[fmt.Sprint(order)] = true
	}); f != nil {
		t.Error(f)
	}
	if len(orders) != 6 {
		t.Errorf("of the 6 orders %d came: %v", len(orders), orders)
	}
}

func TestRuleW4_TimePassesOnlyWhereNobodyHasAnythingToDo(t *testing.T) {
	if f := quietly(t, 100, func(w *World) {
		for _, name := range []string{"a", "b"} {
			w.Host(name, func(ctx context.Context) error {
				for range 50 {
					asyncio.Yield(ctx)
					if w.Now() != 0 {
						w.Errorf("it is %v, and %s is at work", w.Now(), name)
					}
				}
				return nil
			})
		}
		wait(w, time.Hour)
		if w.Now() != time.Hour {
			w.Errorf("it is %v", w.Now())
		}
	}, WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
}

func TestRuleW5_ACrashComesAtAnyWait(t *testing.T) {
	const waits = 20
	died := map[int]int{}
	faults := Faults{Hosts: HostFaults{Crashes: 20, Down: time.Second}}
	if f := quietly(t, 2000, func(w *World) {
		at, starts := 0, 0
		w.Host("h", func(ctx context.Context) error {
			if starts++; starts == 2 {
				died[at]++ // the crash was there
			}
			for at = 0; at < waits; at++ {
				asyncio.Yield(ctx)
			}
			return idle(ctx)
		}, Mortal())
		wait(w, 2*time.Second)
	}, WithFaults(faults)); f != nil {
		t.Error(f)
	}
	for at := range waits {
		if died[at] == 0 {
			t.Errorf("no crash at wait %d: %v", at, died)
		}
	}
}

func TestRuleW6_AConnectionBringsTheBytesOfItsPeerOrFails(t *testing.T) {
	sent := make([]byte, 20_000)
	for i := range sent {
		sent[i] = byte(i >> 3)
	}
	whole, broken := 0, 0
	faults := Faults{Network: NetworkFaults{
		Latency: Delay{Mean: 5 * time.Millisecond}, Loss: 0.05, Reset: 0.01, ShortRead: 0.2, ShortWrite: 0.2,
		SmallBuffers: 0.5, Clog: 0.01, ClogFor: Delay{Mean: time.Second}, Partition: 0.001, PartitionFor: Delay{Mean: time.Second},
	}}
	if f := quietly(t, 300, func(w *World) {
		w.Host("server", func(ctx context.Context) error {
			l, err := aionet.Listen(ctx, "tcp", ":9")
			if err != nil {
				return err
			}
			for { // a client whose first attempt breaks comes again
				c, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer c.Close()
					c.WriteContext(ctx, sent)
					return nil
				})
			}
		})
		wait(w, time.Second)
		c, err := aionet.Dial(w.Context(), "tcp", "server:9")
		if err != nil {
			broken++
			return
		}
		defer c.Close()
		got, err := io.ReadAll(c)
		switch {
		case !bytes.HasPrefix(sent, got):
			w.Errorf("%d bytes, which are not those that were sent", len(got))
		case err == nil && len(got) < len(sent):
			w.Errorf("the end after %d of %d bytes, without an error", len(got), len(sent))
		case err == nil:
			whole++
		default:
			broken++
		}
	}, WithFaults(faults)); f != nil {
		t.Error(f)
	}
	if whole == 0 || broken == 0 {
		t.Errorf("%d came whole, %d did not", whole, broken)
	}
}

func TestRuleW7_WhatIsFoundDoesNotDependOnTheMachine(t *testing.T) {
	const many = 2000 // schedules, so that there are more lanes than usual
	type found struct {
		number int
		hash   uint64
	}
	var first map[uint64]found
	for _, cores := range []int{1, 2, 8} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		all := map[uint64]found{}
		for seed := range uint64(10) {
			c := &campaign{t: t, body: lostUpdate(6), opts: newOptions(t, []Option{Seed(seed), Runs(many)})}
			if f := c.search(); f != nil {
				all[seed] = found{f.number, f.hash}
			}
		}
		if first == nil {
			first = all
		}
		if len(all) != 10 || !equalMaps(first, all) {
			t.Errorf("with %d cores: %v\nwith one: %v", cores, all, first)
		}
	}
}

func equalMaps[K, V comparable](a, b map[K]V) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}
