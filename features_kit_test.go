package asyncio_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// scene is a subtest whose name is a sentence about the behaviour, played as the main
// task of a loop with a virtual clock.
func scene(t *testing.T, sentence string, play func(t *testing.T, ctx context.Context), opts ...asyncio.Option) {
	t.Helper()
	t.Run(sentence, func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) { play(t, ctx) }, opts...)
	})
}

// ended is a context of the loop that was cancelled.
func ended(ctx context.Context) context.Context {
	ctx, cancel := asyncio.WithCancel(ctx)
	cancel(errWhy)
	return ctx
}

// messages are the texts of reports.
func messages(reports []asyncio.Report) (texts []string) {
	for _, r := range reports {
		texts = append(texts, r.Message)
	}
	return texts
}

// reported tells whether one of the reports is about err.
func reported(reports []asyncio.Report, err error) int {
	n := 0
	for _, r := range reports {
		if r.Err == err || r.Err != nil && r.Err.Error() == err.Error() {
			n++
		}
	}
	return n
}

// expectContains checks that a message says all of it.
func expectContains(t testing.TB, message any, parts ...string) {
	t.Helper()
	text := fmt.Sprint(message)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}
