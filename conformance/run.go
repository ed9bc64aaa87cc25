package conformance

import (
	"context"
	"fmt"
)

// Run executes the program under a virtual clock and returns its trace. The
// error is that of a run which did not come to its end, as in a deadlock; the
// trace is what there was until then.
func (p *Program) Run() (trace []Row, err error) {
	var m *machine
	err = guard(func() error {
		return virtually(func(ctx context.Context) error {
			m = newMachine(ctx, p)
			return m.main()
		})
	})
	switch {
	case m == nil:
		return nil, err
	case m.broken != nil:
		return m.trace, m.broken
	}
	return m.trace, err
}

// guard makes an error of a panic: one case that breaks the runtime must not
// hide what the others say.
func guard(run func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return run()
}

// CaseError tells that a case is not a program of the language, or not one
// that can run, and where it stands.
type CaseError struct {
	Line int // of the file, from 1
	Case string
	Err  error
}

func (e *CaseError) Error() string { return fmt.Sprintf("line %d: case %s: %v", e.Line, e.Case, e.Err) }
func (e *CaseError) Unwrap() error { return e.Err }

// Check parses and runs a case. The difference, nil where there is none, is
// the judgement; the error says that the case cannot be judged.
func Check(c *Case) (*Difference, error) {
	program, err := Parse(c)
	if err != nil {
		return nil, err
	}
	trace, err := program.Run()
	if d := Compare(c.Trace, trace); d != nil || err != nil {
		return differ(c, d, trace, err)
	}
	return nil, nil
}

// differ tells a bad case from a bad run.
func differ(c *Case, d *Difference, trace []Row, err error) (*Difference, error) {
	if bad, ok := err.(*misuse); ok {
		return nil, &CaseError{c.Line, c.Name(), bad}
	}
	if d == nil {
		d = &Difference{Row: len(trace), Want: c.Trace, Got: trace}
	}
	d.Err = err
	return d, nil
}

// misuse is a fault of a case that shows only when it runs.
type misuse struct{ text string }

func (m *misuse) Error() string { return m.text }
