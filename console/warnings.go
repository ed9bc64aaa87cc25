package console

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxWarnings is how many there may be at the same time, beside reports.
const maxWarnings = 100

// warned are the warnings that hold now.
type warned struct {
	mu   sync.Mutex
	list []wire.Warning
}

func (w *warned) set(list []wire.Warning) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = list
}

func (w *warned) all() []wire.Warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list)
}

// warnings answers with what a person should look at: what holds now, and what the loop
// has reported lately, the last first.
func warnings(ctx context.Context, l *living, p *params) (any, error) {
	if _, err := l.touch(monitor.Coarse); err != nil {
		return nil, err
	}
	l.getStats(ctx) // to know whether it answers
	all := l.warned.all()
	isBlocked := func(w wire.Warning) bool { return w.Kind == wire.WarnBlocked }
	w, ok := l.blockedWarning(ctx)
	switch i := slices.IndexFunc(all, isBlocked); {
	case !ok:
		all = slices.DeleteFunc(all, isBlocked)
	case i < 0:
		all = append([]wire.Warning{w}, all...)
	case all[i].Stack == "": // it was not known in time
		w.Since = all[i].Since
		all[i] = w
	}
	told := l.reports.all()
	slices.Reverse(told)
	return wire.Warnings{Warnings: append(append([]wire.Warning{}, all...), told...)}, nil
}

// A watch looks at a loop again and again, as long as a person does, for what a person
// should know. It belongs to the goroutine of a feed.
type watch struct {
	l      *living
	next   time.Time
	known  map[string]wire.Warning // by what they are about
	queues map[uint64]*growth
	errors map[monitor.Failure]time.Time // when they were first listed
	cycles map[string]time.Time          // likewise
	looked uint64                        // how often
	told   time.Time                     // up to when reports were told
}

func newWatch(l *living) *watch {
	return &watch{l: l, known: map[string]wire.Warning{}, queues: map[uint64]*growth{}, told: time.Now()}
}

// look looks, if it is time to, and returns what is new, as the stream has it.
func (w *watch) look(ctx context.Context, s *tape.Stats) (news []json.RawMessage) {
	began := time.Now()
	for _, r := range w.l.reports.since(w.told) {
		news, w.told = append(news, text(r)), r.Since
	}
	if began.Before(w.next) {
		return news
	}
	found := w.find(ctx, s)
	known := map[string]wire.Warning{}
	for i := range found {
		key := found[i].Kind + "\x00" + found[i].Name + "\x00" + found[i].subject
		if before, ok := w.known[key]; ok {
			found[i].Since = before.Since
		} else {
			news = append(news, text(found[i].Warning))
		}
		known[key] = found[i].Warning
	}
	w.known = known
	list := make([]wire.Warning, len(found))
	for i, f := range found {
		list[i] = f.Warning
	}
	w.l.warned.set(list)
	w.next = time.Now().Add(max(lookEvery, 20*time.Since(began)))
	return news
}

func text(w wire.Warning) json.RawMessage {
	text, _ := json.Marshal(w) // strings, numbers and times cannot fail
	return text
}

// A finding is a warning that may hold for longer than one look.
type finding struct {
	wire.Warning
	subject string // what tells it from others of its kind and name
}

// find is what holds now. Where the loop does not answer, nothing else can be told.
func (w *watch) find(ctx context.Context, s *tape.Stats) []finding {
	w.l.getStats(ctx)
	if blocked, ok := w.l.blockedWarning(ctx); ok {
		return []finding{{Warning: blocked}}
	}
	var found []finding
	if list, at, _ := w.l.listed(ctx); !at.IsZero() {
		found = append(found, w.circular(list, at)...)
		found = append(found, busy(list, s)...)
		if things, asked, _ := w.l.allResources(ctx); !asked.IsZero() {
			found = append(found, held(list, at, things.all)...)
			found = append(found, w.growing(things.all)...)
		}
	}
	if errors, at, _ := w.l.allFailures(ctx); !at.IsZero() {
		found = append(found, w.unseen(errors.all, at)...)
	}
	return found[:min(len(found), maxWarnings)]
}

// blockedWarning tells that the loop does not answer.
func (l *living) blockedWarning(ctx context.Context) (w wire.Warning, ok bool) {
	d := l.blocked()
	if d == 0 {
		return w, false
	}
	c := l.culprit(ctx)
	return wire.Warning{
		Kind: wire.WarnBlocked, Task: c.task, Name: l.name, Since: time.Now().Add(-d), Stack: c.stack,
		Text: "The loop does not answer: one step has not ended. Nothing else runs on it meanwhile. What computes or blocks belongs in ToThread.",
	}, true
}
