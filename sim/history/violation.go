package history

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// A Violation is a history that no object can have told.
type Violation struct {
	// Calls are those of the object in question, in the order in which they began.
	Calls []*Call
	// Fits are the calls of the longest order that was found, in this order; none of the
	// others fits behind it.
	Fits []*Call

	model string
	draw  func(w io.Writer) error
}

// newViolation searches once more, and keeps what was tried.
func newViolation(calls []*Call, m Model, model porcupine.Model, operations []porcupine.Operation) *Violation {
	_, info := porcupine.CheckOperationsVerbose(model, operations, limit)
	v := &Violation{Calls: calls, model: m.Name, draw: func(w io.Writer) error { return porcupine.Visualize(model, info, w) }}
	for _, part := range info.PartialLinearizationsOperations() {
		for _, order := range part {
			if len(order) <= len(v.Fits) {
				continue
			}
			v.Fits = nil
			for _, o := range order {
				v.Fits = append(v.Fits, o.Input.(*Call))
			}
		}
	}
	return v
}

// shown is how many calls an error shows before the first that does not fit, and behind.
const shown = 12

// Error is the calls around the first that does not fit.
func (v *Violation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "history: not linearizable: a %s cannot have told this to its clients; %d of %d calls fit in some order, those with a star do not fit behind",
		v.model, len(v.Fits), len(v.Calls))
	first := max(0, slices.IndexFunc(v.Calls, v.misfit))
	from, to := max(0, first-shown), min(len(v.Calls), first+shown)
	if from > 0 {
		fmt.Fprintf(&b, "\n  %d calls before", from)
	}
	for _, c := range v.Calls[from:to] {
		mark := ' '
		if v.misfit(c) {
			mark = '*'
		}
		fmt.Fprintf(&b, "\n%c %v", mark, c)
	}
	if to < len(v.Calls) {
		fmt.Fprintf(&b, "\n  %d calls behind", len(v.Calls)-to)
	}
	return b.String()
}

// Kind is what all violations of an object have in common: when a simulator makes a
// failure short, histories change with each attempt.
func (v *Violation) Kind() string { return "not linearizable: " + v.model }

// misfit tells that a call has happened and is not in the order that was found.
func (v *Violation) misfit(c *Call) bool { return !c.Open() && !slices.Contains(v.Fits, c) }

// WriteHTML writes a picture of the history, for a browser: it shows the orders that
// were tried, and where each ended.
func (v *Violation) WriteHTML(w io.Writer) error { return v.draw(w) }

// Save writes the picture to a new file in dir, and tells its name. In a test dir is
// best t.ArtifactDir(), which go test -artifacts keeps.
func (v *Violation) Save(dir string) (name string, err error) {
	f, err := os.CreateTemp(dir, "history-*.html")
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(v.WriteHTML(f), f.Close())
}
