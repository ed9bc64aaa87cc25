package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/goasyncio/asyncio/console/internal/wire"
)

// maxStacks bounds the text of all stacks, in bytes.
const maxStacks = 16 << 20

// stacks answers with every task and its stack, in words, what blocks the loop first. It
// needs no answer of the loop.
func (s *site) stacks(w http.ResponseWriter, r *http.Request) {
	l, ok := s.loopOf(w, r)
	if !ok {
		return
	}
	alive := l.alive.Load()
	if alive == nil {
		fail(w, http.StatusGone, gone(l))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	text, err := alive.stacksText(ctx)
	if err != nil {
		fail(w, statusOf(err), err.Error())
		return
	}
	sendBytes(w, http.StatusOK, "text/plain; charset=utf-8", text)
}

func (l *living) stacksText(ctx context.Context) ([]byte, error) {
	list, at, err := l.shown(ctx)
	if err != nil && !errors.Is(err, errBlocked) {
		return nil, err
	}
	stacks, _, err := l.tracebacks(ctx)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "loop %q of %s: %d tasks, as of %.3f s ago\n", l.name, programName(), list.total, age(at)/1000)
	if d := l.blocked(); d > 0 {
		fmt.Fprintf(&b, "\nBLOCKED for %.3f s. What runs on the loop:\n\n%s\n", d.Seconds(), wire.Escape(l.culprit(ctx).stack))
	}
	stacks = maps.Clone(stacks)
	for _, t := range list.tasks {
		fmt.Fprintf(&b, "\ntask %d %q %s", t.ID, t.Name, t.State)
		if t.WaitsFor != "" {
			fmt.Fprintf(&b, " for %s", wire.Escape(t.WaitsFor))
		}
		fmt.Fprintf(&b, "\n%s", wire.Escape(stacks[t.ID]))
		delete(stacks, t.ID)
		if b.Len() > maxStacks {
			b.WriteString("\nand further tasks\n")
			return b.Bytes(), nil
		}
	}
	for _, id := range slices.Sorted(maps.Keys(stacks)) { // made since the listing
		fmt.Fprintf(&b, "\ntask %d\n%s", id, wire.Escape(stacks[id]))
	}
	return b.Bytes(), nil
}
