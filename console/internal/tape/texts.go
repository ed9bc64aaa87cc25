package tape

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// texts are what the things are called that events point to. Only the loop may call
// their methods, so it is asked.
type texts struct {
	index map[any]int // of those that can be told apart by ==
	refs  []any
	names []string
	known []bool
}

// want notes a thing and returns its place.
func (t *texts) want(ref any) int {
	same := reflect.TypeOf(ref).Kind() == reflect.Pointer
	if same {
		if i, ok := t.index[ref]; ok {
			return i
		}
		t.index[ref] = len(t.refs)
	}
	t.refs = append(t.refs, ref)
	return len(t.refs) - 1
}

// resolve asks the loop, in slices. What it does not come to is told by its type.
func (t *texts) resolve(ctx context.Context, a *asker, slices int) {
	t.names, t.known = make([]string, len(t.refs)), make([]bool, len(t.refs))
	for next := 0; next < len(t.refs) && slices > 0; slices-- {
		refs := t.refs[next:]
		answer := make(chan []string, 1)
		if !a.ask(ctx, func(v monitor.View) { answer <- describe(v, refs) }) {
			break
		}
		for _, name := range <-answer {
			t.names[next], t.known[next] = name, true
			next++
		}
	}
	for i, ref := range t.refs {
		if !t.known[i] {
			t.names[i] = typeName(ref)
		}
	}
}

// describe says what refs are, as many as there is time for and at least one.
func describe(v monitor.View, refs []any) (names []string) {
	for begin := time.Now(); len(names) < len(refs); {
		names = append(names, Clean(v.Describe(refs[len(names)])))
		if len(names)%8 == 0 && time.Since(begin) > slice {
			break
		}
	}
	return names
}

// resolveHere is for the goroutine of a loop that has ended: it may call methods.
func (t *texts) resolveHere() {
	t.names = make([]string, len(t.refs))
	for i, ref := range t.refs {
		t.names[i] = Clean(ownName(ref))
	}
}

// ownName is what a thing says of itself.
func ownName(ref any) (name string) {
	defer func() {
		if recover() != nil {
			name = typeName(ref)
		}
	}()
	switch ref := ref.(type) {
	case error:
		return ref.Error()
	case fmt.Stringer:
		return ref.String()
	}
	return typeName(ref)
}

// typeName calls no method: it is safe while the loop is at work.
func typeName(ref any) string {
	if s, ok := ref.(string); ok {
		return s
	}
	name := strings.TrimPrefix(reflect.TypeOf(ref).String(), "*")
	name = strings.TrimPrefix(name, "asyncio.")
	name, _, _ = strings.Cut(name, "[")
	if v := reflect.ValueOf(ref); v.Kind() == reflect.Pointer {
		return fmt.Sprintf("%s %#x", name, v.Pointer())
	}
	return name
}
