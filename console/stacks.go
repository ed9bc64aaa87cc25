package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxStacks bounds the text of all stacks, in bytes.
const maxStacks = 16 << 20

// pauseForStacks is how long the loop may be held up at a time.
const pauseForStacks = 250 * time.Microsecond

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
	stacks, err := l.told(ctx, list.tasks)
	if errors.Is(err, errBlocked) {
		stacks, _, err = l.tracebacks(ctx)
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "loop %d %q of %s: %d tasks, as of %.3f s ago\n", l.number, l.name, programName(), list.total, age(at)/1000)
	if d := l.blocked(); d > 0 {
		fmt.Fprintf(&b, "\nBLOCKED for at least %.3f s. What runs on the loop:\n\n%s\n", d.Seconds(), wire.Escape(l.culprit(ctx).stack))
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

// told are the stacks of tasks as the loop tells them, which resumes each for a moment.
// Unlike tracebacks it stops nothing: the loop goes on after each slice.
func (l *living) told(ctx context.Context, tasks []monitor.Task) (map[uint64]string, error) {
	stacks, size := make(map[uint64]string, len(tasks)), 0
	for len(tasks) > 0 && size < maxStacks {
		slice, err := ask(ctx, l.asker, func(v monitor.View) [][]monitor.Frame { return stacksOf(v, tasks) })
		if err != nil {
			return nil, err
		}
		for i, frames := range slice {
			text := wire.Cut(inLines(frames), wire.MaxStack)
			stacks[tasks[i].ID] = text
			size += len(text)
		}
		tasks = tasks[len(slice):]
	}
	return stacks, nil
}

// stacksOf are the stacks of the first of the tasks, of as many as a slice has time for.
func stacksOf(v monitor.View, tasks []monitor.Task) (stacks [][]monitor.Frame) {
	for begin := time.Now(); len(stacks) < len(tasks) && (len(stacks) == 0 || time.Since(begin) < pauseForStacks); {
		_, frames, _ := v.Task(tasks[len(stacks)].ID)
		stacks = append(stacks, frames)
	}
	return stacks
}

// inLines writes a stack as the runtime's tracebacks do.
func inLines(frames []monitor.Frame) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "%s(...)\n\t%s:%d\n", f.Function, f.File, f.Line)
	}
	return b.String()
}
