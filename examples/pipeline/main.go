// Pipeline takes readings through three stages that work at the same time: parse,
// look up where each comes from, which is slow and therefore done four at a time
// in the original order, and add up. Each stage is connected to the next by a
// channel of few places, so the slowest stage sets the pace and memory is bounded.
package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
)

const input = `oslo 3
lima 19
oslo 5
broken line
cairo 31
lima 21
cairo 33
oslo 4`

type reading struct {
	city, country string
	degrees       int
}

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

func program(ctx context.Context) error {
	start := asyncio.Now(ctx)
	parsed, fromParser := asyncio.NewChannel[reading](2)
	located, fromLocator := asyncio.NewChannel[reading](2)
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error {
			defer parsed.Close() // which ends the next stage
			return parse(ctx, strings.NewReader(input), parsed)
		}, asyncio.TaskName("parse"))
		g.Go(func(ctx context.Context) error {
			defer located.Close()
			return locate(ctx, fromParser.All(ctx), located)
		}, asyncio.TaskName("locate"))
		return summarize(fromLocator.All(ctx))
	})
	fmt.Println("took", asyncio.Now(ctx).Sub(start).Round(50*time.Millisecond))
	return err
}

// parse is the first stage. It drops what it does not understand.
func parse(ctx context.Context, r io.Reader, out *asyncio.Sender[reading]) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		var m reading
		if _, err := fmt.Sscan(line, &m.city, &m.degrees); err != nil {
			fmt.Printf("dropped %q: %v\n", strings.TrimSpace(line), err)
			continue
		}
		if err := out.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// locate is the second stage.
func locate(ctx context.Context, in iter.Seq[reading], out *asyncio.Sender[reading]) error {
	for m, err := range asyncio.Map(ctx, 4, in, lookUp) {
		if err != nil {
			return err
		}
		if err := out.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// lookUp stands for a question to a slow service.
func lookUp(ctx context.Context, m reading) (reading, error) {
	countries := map[string]string{"oslo": "Norway", "lima": "Peru", "cairo": "Egypt"}
	m.country = countries[m.city]
	return m, asyncio.Sleep(ctx, 100*time.Millisecond)
}

// summarize is the last stage.
func summarize(in iter.Seq[reading]) error {
	degrees := map[string][]int{}
	for m := range in {
		degrees[m.country] = append(degrees[m.country], m.degrees)
	}
	for _, country := range slices.Sorted(maps.Keys(degrees)) {
		fmt.Println(country, degrees[country])
	}
	return nil
}
