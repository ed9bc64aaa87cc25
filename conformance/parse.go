package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// action is one statement, ready to run as the task of that actor. It returns
// what ended the block early: *returned, *failure, or a cancellation.
type action func(ctx context.Context, a *actor) error

// Program is a checked case: every statement is known, has the arguments that
// it needs, and names objects and coros that exist.
type Program struct {
	objects []object
	coros   map[string]action
	main    action
}

// object is a declared primitive: its name, its kind and its size where the
// kind has one.
type object struct {
	name, kind string
	size       int
}

// parser turns raw statements into actions and keeps the first error, so that
// a statement reads its arguments without a check after each.
type parser struct {
	kinds map[string]string // object name → kind
	coros map[string]bool
	op    string // the statement at work, for messages
	err   error
}

// Parse checks a case. The error is a [*CaseError]: the line of the file and
// what is wrong there.
func Parse(c *Case) (*Program, error) {
	p := &parser{kinds: map[string]string{}, coros: map[string]bool{}}
	program := &Program{objects: p.objects(c.Objects), coros: map[string]action{}}
	for name := range c.Coros {
		p.coros[name] = true
	}
	for name, statements := range c.Coros {
		program.coros[name] = p.statements(statements)
	}
	program.main = p.statements(c.Main)
	if p.err != nil {
		return nil, &CaseError{c.Line, c.Name(), p.err}
	}
	return program, nil
}

func (p *parser) fail(format string, args ...any) {
	if p.err != nil {
		return
	}
	p.err = fmt.Errorf(format, args...)
	if p.op != "" {
		p.err = fmt.Errorf("statement %s: %w", p.op, p.err)
	}
}

func (p *parser) objects(declared [][]json.RawMessage) (objects []object) {
	for _, d := range declared {
		if len(d) < 2 {
			p.fail("an object is [name, kind, argument…], got %d parts", len(d))
			return nil
		}
		o := object{name: p.str(d[0]), kind: p.str(d[1])}
		if p.kinds[o.name] != "" {
			p.fail("two objects are called %q", o.name)
		}
		if _, known := makers[o.kind]; !known {
			p.fail("object %q is of an unknown kind %q", o.name, o.kind)
		}
		if sized := slices.Contains(sizedKinds, o.kind); sized != (len(d) == 3) {
			p.fail("object %q of kind %q has %d arguments", o.name, o.kind, len(d)-2)
		} else if sized {
			o.size = p.count(d[2], o)
		}
		p.kinds[o.name] = o.kind
		objects = append(objects, o)
	}
	return objects
}

// count reads the size of an object: places in a queue, permits, parties. A
// barrier needs somebody to pass it.
func (p *parser) count(raw json.RawMessage, o object) int {
	n := p.num(raw)
	if n < 0 || n > 1<<20 || n == 0 && o.kind == "barrier" {
		p.fail("object %q has the impossible size %d", o.name, n)
		return 0
	}
	return int(n)
}

// block reads the raw form of a block, a list of statements.
func (p *parser) block(raw json.RawMessage) action {
	return p.statements(p.list(raw))
}

func (p *parser) statements(raw []json.RawMessage) action {
	block := make([]action, len(raw))
	for i, r := range raw {
		block[i] = p.statement(r)
	}
	return func(ctx context.Context, a *actor) error {
		for _, step := range block {
			if err := step(ctx, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// statement looks the operation up in the table and lets it read its
// arguments.
func (p *parser) statement(raw json.RawMessage) action {
	outer := p.op
	defer func() { p.op = outer }()
	parts := p.list(raw)
	if len(parts) == 0 {
		p.fail("a statement is [operation, argument…], got %s", raw)
		return nil
	}
	p.op = p.str(parts[0])
	s, known := statements[p.op]
	if !known {
		p.op = outer
		p.fail("unknown operation %s", parts[0])
		return nil
	}
	if args := parts[1:]; len(args) == s.args {
		return s.parse(p, args)
	}
	p.fail("takes %d arguments, got %d", s.args, len(parts)-1)
	return nil
}

func (p *parser) list(raw json.RawMessage) []json.RawMessage { return read[[]json.RawMessage](p, raw) }
func (p *parser) num(raw json.RawMessage) int64              { return read[int64](p, raw) }
func (p *parser) str(raw json.RawMessage) string             { return read[string](p, raw) }
func (p *parser) yes(raw json.RawMessage) bool               { return read[bool](p, raw) }
func (p *parser) names(raw json.RawMessage) []string         { return read[[]string](p, raw) }

// read decodes one argument. JSON's null would pass silently for any type, so
// it is refused; the one place that allows it looks before it reads.
func read[T any](p *parser, raw json.RawMessage) (v T) {
	if null(raw) {
		p.fail("null where a %T is needed", v)
		return v
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		p.fail("%s where a %T is needed: %w", raw, v, errors.Unwrap(err))
	}
	return v
}

func null(raw json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(raw), []byte("null")) }

// object reads the name of a declared object of one of these kinds.
func (p *parser) object(raw json.RawMessage, kinds ...string) string {
	name := p.str(raw)
	switch kind := p.kinds[name]; {
	case kind == "":
		p.fail("no object is called %q", name)
	case !slices.Contains(kinds, kind):
		p.fail("%q is a %s, not a %s", name, kind, strings.Join(kinds, " or "))
	}
	return name
}

// coro reads the name of a coro of this case.
func (p *parser) coro(raw json.RawMessage) string {
	name := p.str(raw)
	if !p.coros[name] {
		p.fail("no coro is called %q", name)
	}
	return name
}
