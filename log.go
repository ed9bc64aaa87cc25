package asyncio

import (
	"context"
	"log/slog"
	"slices"
)

// LogHandler adds to each record whose context comes from a loop the attributes
// "task", "task_id" and "loop": the name and the number of the task in whose context
// the record was made, and the name of its loop. A callback's has the loop alone. They
// stand at the top level whatever groups are open, so that one search finds all that a
// task says. A record without such a context goes to next as it is: use the calls of
// log/slog that take one, such as InfoContext.
//
//	slog.SetDefault(slog.New(asyncio.LogHandler(slog.NewJSONHandler(os.Stderr, nil))))
//
// Any goroutine may use the handler, with contexts of any loop, also of one that has
// ended, and with those of [ToThread]. It waits for nothing but next.
func LogHandler(next slog.Handler) slog.Handler {
	return &logHandler{next: next, base: next}
}

// logHandler has next with all groups and attributes, for records that need nothing
// of it. The others go to base, which has those before the first group.
type logHandler struct {
	next, base slog.Handler
	groups     []logGroup // open, the outermost first
}

// logGroup is a group with the attributes that were given to it.
type logGroup struct {
	name  string
	attrs []slog.Attr
}

// Enabled implements [slog.Handler].
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	s := scopeOf(ctx)
	if s == nil {
		return h.next.Handle(ctx, r)
	}
	if len(h.groups) > 0 {
		r = h.grouped(r)
	} else {
		r = r.Clone() // what the copies of a record share is not ours to change
	}
	if t := s.task; t != nil {
		r.AddAttrs(slog.String("task", t.Name()), slog.Uint64("task_id", t.id))
	}
	r.AddAttrs(slog.String("loop", s.loop.name))
	return h.base.Handle(ctx, r)
}

// grouped puts the attributes of r into the groups that are open.
func (h *logHandler) grouped(r slog.Record) slog.Record {
	var attrs []slog.Attr
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for _, g := range slices.Backward(h.groups) {
		inside := slices.Concat(g.attrs, attrs)
		attrs = []slog.Attr{{Key: g.name, Value: slog.GroupValue(inside...)}}
	}
	r = slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.AddAttrs(attrs...)
	return r
}

// WithAttrs implements [slog.Handler].
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	with := &logHandler{next: h.next.WithAttrs(attrs), base: h.base, groups: h.groups}
	n := len(h.groups)
	if n == 0 {
		with.base = with.next
		return with
	}
	last := h.groups[n-1]
	last.attrs = slices.Concat(last.attrs, attrs)
	with.groups = append(slices.Clone(h.groups[:n-1]), last)
	return with
}

// WithGroup implements [slog.Handler].
func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &logHandler{
		next:   h.next.WithGroup(name),
		base:   h.base,
		groups: append(slices.Clip(h.groups), logGroup{name: name}),
	}
}

// scopeOf is the nearest scope in ctx, or nil. Any goroutine may ask, and of the scope
// may use what never changes: its loop, its task.
func scopeOf(ctx context.Context) *scope {
	if ctx == nil {
		return nil
	}
	s, ok := ctx.Value(scopeKey{}).(*scope)
	if !ok {
		s, _ = ctx.Value(hiddenKey{}).(*scope)
	}
	return s
}
