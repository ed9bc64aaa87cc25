// Package directive silences findings.
package directive

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio"
)

func Silenced(ctx context.Context, m map[string]*asyncio.Event) error {
	_ = time.Now() //asyncio:ok people read it
	//asyncio:ok people read it
	_ = time.Now()
	// It is not the only comment here.
	//
	//asyncio:ok each event has its own listener, and they do not know of each other
	for _, e := range m {
		e.Set()
	}
	return asyncio.Checkpoint(ctx)
}

func NotFar(ctx context.Context) error {
	//asyncio:ok the next line only // want `//asyncio:ok has nothing to silence, in its line, .*: take it away \[directive\]`

	_ = time.Now() // want `clock`
	return asyncio.Checkpoint(ctx)
}

func NoReason(ctx context.Context) error {
	_ = time.Now() //asyncio:ok // want `clock` `//asyncio:ok without a reason silences nothing: say after it why`
	return asyncio.Checkpoint(ctx)
}

func Idle(ctx context.Context) error { //asyncio:ok nothing is here // want `nothing to silence`
	_ = 1 //asyncio:okay is another word
	return asyncio.Checkpoint(ctx)
}

// WholeFunction has its reason in its comment.
//
//asyncio:ok people read these clocks
func WholeFunction(ctx context.Context) error {
	_ = time.Now()
	asyncio.CallSoon(ctx, func() {
		_ = time.Now()
	})
	return asyncio.Checkpoint(ctx)
}
