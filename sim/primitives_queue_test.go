package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/goasyncio/asyncio"
)

// aQueue is what all queues have.
type aQueue interface {
	Put(ctx context.Context, v int) error
	Get(ctx context.Context) (int, error)
	TryGet() (int, error)
	Shutdown(immediate bool)
	Stats() asyncio.QueueStats
}

// passing is a program of putters and getters of a queue of one place.
func passing(putters, getters int, make func() aQueue) func(c *cast) func() error {
	return func(c *cast) func() error {
		q := make()
		var put, got []int
		for i := range putters {
			c.task(fmt.Sprint("putter ", i), func(ctx context.Context) error {
				err := q.Put(ctx, i)
				if err == nil {
					put = append(put, i)
				}
				return err
			})
		}
		for i := range getters {
			c.task(fmt.Sprint("getter ", i), func(ctx context.Context) error {
				for {
					v, err := q.Get(ctx)
					if errors.Is(err, asyncio.ErrQueueShutDown) {
						return nil
					}
					if err != nil {
						return err
					}
					got = append(got, v)
				}
			})
		}
		c.after(c.tasks[:putters:putters], func() { q.Shutdown(false) })
		return func() error {
			for v, err := q.TryGet(); err == nil; v, err = q.TryGet() {
				got = append(got, v)
			}
			slices.Sort(put)
			slices.Sort(got)
			if s := q.Stats(); !slices.Equal(put, got) || s.Getters+s.Putters > 0 {
				return fmt.Errorf("%v were put and %v got; the queue is %+v", put, got, s)
			}
			return nil
		}
	}
}

// sending is a program of senders and receivers of a channel.
func sending(capacity int) func(c *cast) func() error {
	return func(c *cast) func() error {
		tx, rx := asyncio.NewChannel[int](capacity)
		var sent, received []int
		for i := range 2 {
			c.task(fmt.Sprint("sender ", i), func(ctx context.Context) error {
				err := tx.Send(ctx, i)
				if err == nil {
					sent = append(sent, i)
				}
				return err
			})
		}
		for i := range 2 {
			c.task(fmt.Sprint("receiver ", i), func(ctx context.Context) error {
				for {
					v, err := rx.Receive(ctx)
					if err == io.EOF {
						return nil
					}
					if err != nil {
						return err
					}
					received = append(received, v)
				}
			})
		}
		c.after(c.tasks[:2:2], tx.Close)
		return func() error {
			slices.Sort(sent)
			slices.Sort(received)
			if s := rx.Stats(); !slices.Equal(sent, received) || s.Len+s.Sending+s.Receiving > 0 {
				return fmt.Errorf("%v were sent and %v received; the channel is %+v", sent, received, s)
			}
			return nil
		}
	}
}

var smallQueues = []small{
	{"a queue loses and doubles nothing", 4, passing(2, 2, func() aQueue { return asyncio.NewQueue[int](1) })},
	{"a queue of three putters and a getter", 3, passing(3, 1, func() aQueue { return asyncio.NewQueue[int](1) })},
	{"a stack loses and doubles nothing", 4, passing(2, 2, func() aQueue { return asyncio.NewLifoQueue[int](1) })},
	{"a queue by priority loses and doubles nothing", 4, passing(2, 2, func() aQueue { return asyncio.NewPriorityQueue[int](1) })},
	{"a rendezvous loses and doubles nothing", 4, sending(0)},
	{"a channel loses and doubles nothing", 4, sending(1)},
	{"items leave a queue in the order in which they came", 1, func(c *cast) func() error {
		q := asyncio.NewQueue[int](1)
		var got []int
		c.task("putter", func(ctx context.Context) error {
			defer q.Shutdown(false)
			for v := range 3 {
				if err := q.Put(ctx, v); err != nil {
					return err
				}
			}
			return nil
		})
		c.task("getter", func(ctx context.Context) error {
			for v := range q.All(ctx) {
				got = append(got, v)
			}
			return nil
		})
		return func() error {
			for i, v := range got {
				if i != v {
					return fmt.Errorf("they left in the order %v", got)
				}
			}
			return nil
		}
	}},
	{"a join waits for the last item", 2, func(c *cast) func() error {
		q, done := asyncio.NewQueue[int](asyncio.Unbounded), 0
		q.TryPut(1)
		q.TryPut(2)
		var early error
		c.task("joiner", func(ctx context.Context) error {
			err := q.Join(ctx)
			if err == nil && done < 2 {
				early = fmt.Errorf("joined after %d of 2 items", done)
			}
			return err
		})
		for i := range 2 {
			c.task(fmt.Sprint("worker ", i), func(ctx context.Context) error {
				if _, err := q.Get(context.WithoutCancel(ctx)); err != nil {
					return err
				}
				asyncio.Yield(ctx)
				done++
				q.TaskDone()
				return nil
			})
		}
		return func() error { return early }
	}},
}
