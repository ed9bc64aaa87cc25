package asyncio_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// slower returns n after a time that is the shorter the larger n is, so that later
// elements are ready first.
func slower(ctx context.Context, n int) (int, error) {
	return n * n, asyncio.Sleep(ctx, time.Duration(20-n)*time.Millisecond)
}

func TestMapYieldsResultsInTheOrderOfTheSequence(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var got []int
		for v, err := range asyncio.Map(ctx, 3, slices.Values([]int{1, 2, 3, 4, 5}), slower) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if want := []int{1, 4, 9, 16, 25}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestMapNeverHasMoreCallsAtWorkThanItsLimit(t *testing.T) {
	for _, limit := range []int{1, 2, 7} {
		asynciotest.Run(t, func(ctx context.Context) {
			atWork, most := 0, 0
			work := func(ctx context.Context, n int) (int, error) {
				atWork++
				most = max(most, atWork)
				defer func() { atWork-- }()
				return n, asyncio.Sleep(ctx, time.Duration(n%3+1)*time.Millisecond)
			}
			for range asyncio.Map(ctx, limit, count(20), work) {
			}
			if most != limit {
				t.Errorf("at most %d calls were at work, want %d", most, limit)
			}
		})
	}
}

// count yields 0 … n-1.
func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestMapTakesNoMoreOfTheSequenceThanItHasRoomFor(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		taken := 0
		endless := func(yield func(int) bool) {
			for ; yield(taken); taken++ {
			}
		}
		const limit = 2
		delivered := 0
		for _, err := range asyncio.Map(ctx, limit, endless, slower) {
			if err != nil {
				t.Fatal(err)
			}
			delivered++
			if most := delivered + 2*limit; taken > most {
				t.Errorf("after %d results it has taken %d elements, want at most %d", delivered, taken, most)
			}
			if delivered == 20 {
				break
			}
		}
	})
}

func TestMapOverASequenceThatWaits(t *testing.T) {
	for _, debug := range []bool{false, true} {
		asynciotest.Run(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](1)
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer q.Shutdown(false)
				for i := range 5 {
					if err := asyncio.Sleep(ctx, time.Second); err != nil {
						return err
					}
					if err := q.Put(ctx, i); err != nil {
						return err
					}
				}
				return nil
			})
			var got []int
			for v, err := range asyncio.Map(ctx, 2, q.All(ctx), slower) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, v)
			}
			if want := []int{0, 1, 4, 9, 16}; !slices.Equal(got, want) {
				t.Errorf("debug %v: got %v, want %v", debug, got, want)
			}
		}, asyncio.Debug(debug))
	}
}

func TestMapEndsAtTheFirstErrorInOrderAndCancelsTheRest(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		broken := errors.New("three is broken")
		cancelled := 0
		work := func(ctx context.Context, n int) (int, error) {
			if n == 3 {
				return 0, broken
			}
			err := asyncio.Sleep(ctx, time.Duration(n+1)*time.Second)
			if errors.Is(err, context.Canceled) {
				cancelled++
			}
			return n, err
		}
		var got []int
		var last error
		for v, err := range asyncio.Map(ctx, 5, count(10), work) {
			if last = err; err == nil {
				got = append(got, v)
			}
		}
		if !slices.Equal(got, []int{0, 1, 2}) || last != broken {
			t.Errorf("got %v and %v, want [0 1 2] and %q", got, last, broken)
		}
		if cancelled == 0 {
			t.Error("no call under way was cancelled")
		}
		if left := len(asyncio.AllTasks(ctx)); left != 1 {
			t.Errorf("%d tasks are left, want main alone", left)
		}
	})
}

func TestMapThatIsBrokenOffHasEndedItsCalls(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for range asyncio.Map(ctx, 5, count(10), slower) {
			break
		}
		if left := len(asyncio.AllTasks(ctx)); left != 1 {
			t.Errorf("%d tasks are left, want main alone", left)
		}
	})
}

func TestMapYieldsTheCancellationOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		limited, timeout := asyncio.WithTimeout(ctx, 10*time.Second)
		defer timeout.Cancel()
		nap := func(ctx context.Context, n int) (int, error) { return n, asyncio.Sleep(ctx, 3*time.Second) }
		var got []int
		var errs []error
		for v, err := range asyncio.Map(limited, 1, count(10), nap) {
			if err != nil {
				errs = append(errs, err)
			} else {
				got = append(got, v)
			}
		}
		if !slices.Equal(got, []int{0, 1, 2}) || len(errs) != 1 || !timeout.Caused(errs[0]) {
			t.Errorf("got %v and %v, want [0 1 2] and one error of the timeout", got, errs)
		}
	})
}

func TestMapOfNothingYieldsNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for v, err := range asyncio.Map(ctx, 1, count(0), slower) {
			t.Errorf("got %v, %v", v, err)
		}
	})
}

func TestMapWithoutALimitStartsAllCallsAtOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		for _, err := range asyncio.Map(ctx, asyncio.Unbounded, slices.Values(make([]int, 10)), func(ctx context.Context, _ int) (int, error) {
			return 0, asyncio.Sleep(ctx, time.Second)
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		if took := asyncio.Now(ctx).Sub(start); took != time.Second {
			t.Errorf("ten calls of a second each took %v", took)
		}
	})
}

func TestMapWithoutRoomPanics(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		defer func() {
			if recover() == nil {
				t.Error("Map took a limit of 0")
			}
		}()
		asyncio.Map(ctx, 0, count(1), slower)
	})
}

func TestMapMeetsACancellationAtOnce(t *testing.T) {
	scene(t, "under a context that has ended it calls nothing", func(t *testing.T, ctx context.Context) {
		calls := 0
		var errs []error
		for _, err := range asyncio.Map(ended(ctx), 3, count(10), func(context.Context, int) (int, error) { calls++; return 0, nil }) {
			errs = append(errs, err)
		}
		expect(t, "results, calls", []int{len(errs), calls}, []int{1, 0})
		expectIs(t, "error", errs[0], context.Canceled)
	})
	scene(t, "also where results are ready", func(t *testing.T, ctx context.Context) {
		inner, cancel := asyncio.WithCancel(ctx)
		var errs []error
		for _, err := range asyncio.Map(inner, 3, count(10), func(context.Context, int) (int, error) { return 0, nil }) {
			errs = append(errs, err)
			inRounds(ctx, t, 3) // the others end meanwhile
			cancel(errWhy)
		}
		expect(t, "results", len(errs), 2)
		expectIs(t, "the last", errs[len(errs)-1], errWhy)
	})
}

func TestMapRaisesPanics(t *testing.T) {
	for name, play := range map[string]func(ctx context.Context){
		"of a call": func(ctx context.Context) {
			for range asyncio.Map(ctx, 2, count(5), func(ctx context.Context, n int) (int, error) {
				if n == 0 {
					panic(errBoom)
				}
				return slower(ctx, n)
			}) {
			}
		},
		"of the sequence": func(ctx context.Context) {
			for range asyncio.Map(ctx, 2, func(yield func(int) bool) { yield(1); panic(errBoom) }, slower) {
			}
		},
		"of the loop's body": func(ctx context.Context) {
			for range asyncio.Map(ctx, 2, count(5), slower) {
				panic(errBoom)
			}
		},
	} {
		scene(t, name+", after the other calls have ended", func(t *testing.T, ctx context.Context) {
			err, _ := recovered(func() { play(ctx) }).(error)
			expectIs(t, "panic", err, errBoom)
			expect(t, "tasks left", len(asyncio.AllTasks(ctx)), 1)
		})
	}
}
