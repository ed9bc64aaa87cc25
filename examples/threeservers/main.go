// Threeservers asks three servers at once, one of which is slow, prints each
// answer as it comes, and does not wait for the slow one longer than it has
// patience. The servers are tasks of the same loop.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/goasyncio/asyncio"
)

// patience is how long one answer may take.
const patience = 500 * time.Millisecond

// servers are the names and how long each takes to answer.
var servers = []struct {
	name  string
	delay time.Duration
}{
	{"near", 100 * time.Millisecond},
	{"slow", 10 * time.Second},
	{"far", 300 * time.Millisecond},
}

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

func program(ctx context.Context) error {
	start := asyncio.Now(ctx)
	elapsed := func() time.Duration { return asyncio.Now(ctx).Sub(start).Round(100 * time.Millisecond) }

	var asked []*asyncio.Task[string]
	for _, s := range servers {
		asked = append(asked, asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			return asyncio.WaitFor(ctx, patience, func(ctx context.Context) (string, error) {
				return ask(ctx, s.name, s.delay)
			})
		}, asyncio.TaskName(s.name)))
	}
	for t, err := range asyncio.AsCompleted(ctx, asked...) {
		if err != nil {
			return err
		}
		answer, err := t.Result()
		if errors.Is(err, context.DeadlineExceeded) {
			answer = "no answer"
		} else if err != nil {
			return err
		}
		fmt.Printf("%v: %s: %s\n", elapsed(), t.Name(), answer)
	}
	return nil
}

// ask stands for a request over a network.
func ask(ctx context.Context, name string, delay time.Duration) (string, error) {
	if err := asyncio.Sleep(ctx, delay); err != nil {
		return "", err
	}
	return "hello from " + name, nil
}
