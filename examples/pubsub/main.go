// Pubsub is a message bus: publishers send to topics, and each subscriber gets
// every message of its topic. A slow subscriber holds nobody back: the bus keeps
// the newest messages for it and tells it how many it has missed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
)

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

// A bus has its topics by name. It is a plain map: the tasks of a loop never run
// in parallel, and no task is interrupted between two waits.
type bus struct {
	topics map[string]*asyncio.Broadcast[string]
}

// kept is how many messages a topic keeps for those who lag behind.
const kept = 4

func (b *bus) topic(name string) *asyncio.Broadcast[string] {
	t := b.topics[name]
	if t == nil {
		t = asyncio.NewBroadcast[string](kept)
		b.topics[name] = t
	}
	return t
}

func (b *bus) close() {
	for _, name := range slices.Sorted(maps.Keys(b.topics)) { // in the same order in every run
		b.topics[name].Close()
	}
}

func program(ctx context.Context) error {
	b := &bus{topics: map[string]*asyncio.Broadcast[string]{}}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		subscribe(g, b, "weather", "farmer", 0)
		subscribe(g, b, "weather", "sloth", 330*time.Millisecond)
		subscribe(g, b, "news", "reader", 0)
		for hour := range 8 {
			if err := asyncio.Sleep(ctx, 50*time.Millisecond); err != nil {
				return err
			}
			b.topic("weather").Send(fmt.Sprintf("%d o'clock: %d°", hour+6, 10+hour))
			if hour == 4 {
				b.topic("news").Send("sloth seen at weather station")
			}
		}
		b.close() // the subscribers get what is left, and end
		return nil
	})
}

// subscribe starts a task of g that prints the messages of a topic and takes some
// time over each.
func subscribe(g *asyncio.TaskGroup, b *bus, topic, who string, pace time.Duration) {
	messages := b.topic(topic).Subscribe() // here, not in the task: nothing is missed
	g.Go(func(ctx context.Context) error {
		defer messages.Close()
		for {
			m, err := messages.Receive(ctx)
			var lagged *asyncio.LaggedError
			switch {
			case errors.As(err, &lagged):
				fmt.Printf("%s has missed %d messages\n", who, lagged.Missed)
				continue
			case err == io.EOF:
				return nil
			case err != nil:
				return err
			}
			fmt.Printf("%s reads %q\n", who, m)
			if err := asyncio.Sleep(ctx, pace); err != nil {
				return err
			}
		}
	}, asyncio.TaskName(who))
}
