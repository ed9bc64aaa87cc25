package asyncio_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// aQueue is what the three kinds of queue have in common.
type aQueue interface {
	Put(context.Context, int) error
	Get(context.Context) (int, error)
	Len() int
	Shutdown(bool)
}

// traffic is a program of two putters and two getters at a queue. Whoever fails to do
// its part shuts the queue down, so that the others do not wait for ever.
func traffic(newQueue func() aQueue) func(context.Context, *asynciotest.Trial) error {
	return func(ctx context.Context, trial *asynciotest.Trial) error {
		var l ledger
		q := newQueue()
		trial.After(l.balance(q.Len))
		part := func(ctx context.Context, work func(ctx context.Context) error) error {
			for range 2 {
				if err := work(ctx); err != nil {
					q.Shutdown(false)
					return noShutDown(err)
				}
			}
			return nil
		}
		put := func(ctx context.Context) error {
			err := q.Put(ctx, l.put)
			if err == nil {
				l.put++
			}
			return err
		}
		get := func(ctx context.Context) error {
			_, err := q.Get(ctx)
			if err == nil {
				l.got++
				err = asyncio.Yield(ctx)
			}
			return err
		}
		return together(ctx, times(4, func(ctx context.Context, i int) error {
			if i%2 == 0 {
				return part(ctx, get)
			}
			return part(ctx, put)
		})...)
	}
}

// noShutDown is err, but nil for the end of a queue.
func noShutDown(err error) error {
	if errors.Is(err, asyncio.ErrQueueShutDown) {
		return nil
	}
	return err
}

func TestSweepQueues(t *testing.T) {
	sweepAll(t, []swept{
		{"a queue", traffic(func() aQueue { return asyncio.NewQueue[int](1) })},
		{"an unbounded queue", traffic(func() aQueue { return asyncio.NewQueue[int](asyncio.Unbounded) })},
		{"a priority queue", traffic(func() aQueue { return asyncio.NewPriorityQueue[int](1) })},
		{"a lifo queue", traffic(func() aQueue { return asyncio.NewLifoQueue[int](1) })},
		{"a queue at which nobody waits in vain for an item", func(ctx context.Context, trial *asynciotest.Trial) error {
			q := asyncio.NewQueue[int](4)
			get := func(ctx context.Context) error { _, err := q.Get(ctx); return noShutDown(err) }
			return together(ctx, get, get, get, func(ctx context.Context) error {
				defer q.Shutdown(false)
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				q.TryPut(1)
				q.TryPut(2)
				if err := asynciotest.WaitIdle(ctx); err != nil {
					return err
				}
				if st := q.Stats(); st.Len > 0 && st.Getters > 0 {
					t.Errorf("%d items lie there and %d tasks wait for one", st.Len, st.Getters)
				}
				return nil
			})
		}},
		{"a queue at which nobody waits in vain for a place", func(ctx context.Context, trial *asynciotest.Trial) error {
			q := asyncio.NewQueue[int](1)
			put := func(ctx context.Context) error { return noShutDown(q.Put(ctx, 1)) }
			return together(ctx, put, put, put, func(ctx context.Context) error {
				defer q.Shutdown(true)
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				q.TryGet()
				if err := asynciotest.WaitIdle(ctx); err != nil {
					return err
				}
				if st := q.Stats(); st.Len < st.Cap && st.Putters > 0 {
					t.Errorf("there is room and %d tasks wait for it", st.Putters)
				}
				return nil
			})
		}},
		{"a queue with tasks that join it", func(ctx context.Context, trial *asynciotest.Trial) error {
			q := asyncio.NewQueue[int](2)
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error {
					for range q.All(ctx) {
						err := asyncio.Yield(ctx)
						q.TaskDone()
						if err != nil {
							break
						}
					}
					q.Shutdown(true)
					return nil
				})
				defer q.Shutdown(false)
				for i := range 3 {
					if err := q.Put(ctx, i); err != nil {
						return nil
					}
				}
				return q.Join(ctx)
			})
		}},
	})
}

// channelTraffic sends and receives through a channel with clones of both ends, each
// closed by the task that has it.
func channelTraffic(capacity int) func(context.Context, *asynciotest.Trial) error {
	return func(ctx context.Context, trial *asynciotest.Trial) error {
		var l ledger
		s, r := asyncio.NewChannel[int](capacity)
		dropped := 0 // with the last receiver
		trial.After(func() error {
			if dropped > 0 && l.got <= l.put {
				return nil
			}
			return l.balance(func() int { return s.Stats().Len })()
		})
		trial.After(func() error {
			st := s.Stats()
			return equal("ends open, waiters", st.Senders+st.Receivers+st.Sending+st.Receiving, 0)
		})
		send := func(s *asyncio.Sender[int]) func(context.Context) error {
			return func(ctx context.Context) error {
				defer s.Close()
				for i := range 2 {
					if err := s.Send(ctx, i); errors.Is(err, asyncio.ErrBrokenChannel) {
						return nil
					} else if err != nil {
						return err
					}
					l.put++
				}
				return nil
			}
		}
		receive := func(r *asyncio.Receiver[int]) func(context.Context) error {
			return func(ctx context.Context) error {
				defer func() {
					if r.Stats().Receivers == 1 {
						dropped += r.Stats().Len
					}
					r.Close()
				}()
				for {
					_, err := r.Receive(ctx)
					if err == io.EOF {
						return nil
					} else if err != nil {
						return err
					}
					l.got++
				}
			}
		}
		return together(ctx, send(s.Clone()), receive(r.Clone()), receive(r), send(s))
	}
}

func TestSweepChannels(t *testing.T) {
	sweepAll(t, []swept{
		{"a channel without room", channelTraffic(0)},
		{"a channel with room for one", channelTraffic(1)},
		{"a broadcast", func(ctx context.Context, trial *asynciotest.Trial) error {
			b := asyncio.NewBroadcast[int](4)
			trial.After(func() error { return equal("waiting", b.Stats().Waiting, 0) })
			listen := func(sub *asyncio.Subscription[int]) func(context.Context) error {
				return func(ctx context.Context) error {
					defer sub.Close()
					next := 0
					for v, err := range sub.All(ctx) {
						if err != nil {
							return err
						}
						if v != next {
							t.Errorf("got %d, want %d", v, next)
						}
						next++
					}
					return nil
				}
			}
			return together(ctx, listen(b.Subscribe()), listen(b.Subscribe()), func(ctx context.Context) error {
				defer b.Close()
				for i := range 3 {
					b.Send(i)
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}},
		{"a watched value", func(ctx context.Context, trial *asynciotest.Trial) error {
			w := asyncio.NewWatch(0)
			follow := func(ctx context.Context) error {
				last := -1
				for v := range w.Watcher().All(ctx) {
					if v <= last {
						t.Errorf("%d after %d", v, last)
					}
					last = v
				}
				return ctx.Err()
			}
			return together(ctx, follow, follow, func(ctx context.Context) error {
				defer w.Close()
				for i := range 3 {
					w.Set(i + 1)
					if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
						return err
					}
				}
				return nil
			})
		}},
	})
}
