package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio"
)

const cancelled = "cancelled"

// words are the language's names for the runtime's errors.
var words = []struct {
	err  error
	word string
}{
	{asyncio.ErrTaskCancelled, cancelled},
	{asyncio.ErrQueueFull, "full"},
	{asyncio.ErrQueueEmpty, "empty"},
	{asyncio.ErrQueueShutDown, "shutdown"},
	{asyncio.ErrBrokenBarrier, "broken"},
	{asyncio.ErrInvalidState, "invalid"},
	{context.Canceled, cancelled},
	{context.DeadlineExceeded, cancelled}, // by a timeout further out; whose timeout it is knows better
}

// describe gives an error's word. The types go first: a group's errors are found
// by errors.Is as well.
func describe(err error) string {
	switch err := err.(type) {
	case *failure:
		return err.Error()
	case *asyncio.GroupError:
		return describeGroup(err)
	}
	for _, w := range words {
		if errors.Is(err, w.err) {
			return w.word
		}
	}
	return "unexpected:" + err.Error()
}

func describeGroup(g *asyncio.GroupError) string {
	members := make([]string, len(g.Errors))
	for i, err := range g.Errors {
		members[i] = describe(err)
	}
	slices.Sort(members)
	return "group:[" + strings.Join(members, ",") + "]"
}
