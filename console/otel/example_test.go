package otel_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console/otel"
)

// Each task has a span, but for those that last as long as the program, and each
// connection is a trace of its own.
func ExampleStart() {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(exporter)) // a program uses WithBatcher
	stop, err := otel.Start(provider,
		otel.Only(func(t otel.Task) bool { return t.Name != "main" && t.Name != "accept" }),
		otel.Waits(time.Second), // a span of each wait that takes a second or more
		otel.Roots(func(t otel.Task) bool { return strings.HasPrefix(t.Name, "connection") }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()

	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, accept, asyncio.TaskName("accept")).Await(ctx)
		return err
	})
	fmt.Println(err)
	for _, s := range exporter.GetSpans() {
		fmt.Println(s.Name, s.Parent.IsValid(), s.Attributes[len(s.Attributes)-1].Value.AsString())
	}
	// Output:
	// <nil>
	// query true returned
	// connection 1 false returned
}

func accept(ctx context.Context) error {
	_, err := asyncio.Go(ctx, func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.TaskName("query")).Await(ctx)
		return err
	}, asyncio.TaskName("connection 1")).Await(ctx)
	return err
}
