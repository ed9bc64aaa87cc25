package history

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// limit is how long the search for an order may take for one object.
const limit = time.Minute

// ErrUndecided is the error of a history for which the search took too long: too many
// calls were open, or under way at the same time.
var ErrUndecided = errors.New("history: not decided within a minute: use more keys, fewer clients at a time, or shorter histories")

// Check returns nil if the history is linearizable: if each call can be given one moment
// between its begin and its end so that the model, given the calls in the order of these
// moments, tells what the clients were told. Otherwise the error is a *[Violation], or
// [ErrUndecided].
func Check(h *History, m Model) error {
	for _, calls := range split(h, m) {
		operations, model := translate(calls, m)
		switch porcupine.CheckOperationsTimeout(model, operations, limit) {
		case porcupine.Illegal:
			return newViolation(calls, m, model, operations)
		case porcupine.Unknown:
			return fmt.Errorf("%w (%s, %d calls)", ErrUndecided, m.Name, len(calls))
		}
	}
	return nil
}

// split is the history of each object, in the order in which they were first used,
// without the calls that say nothing.
func split(h *History, m Model) (parts [][]*Call) {
	at := map[any]int{}
	for _, c := range h.calls {
		if c.state == failed || c.Open() && m.Reads != nil && m.Reads(c.Input) {
			continue
		}
		var key any
		if m.Key != nil {
			key = m.Key(c.Input)
		}
		i, ok := at[key]
		if !ok {
			i = len(parts)
			at[key] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], c)
	}
	return parts
}

// translate puts the calls and the model into porcupine's words. A client whose call
// stays open goes on as another one: pictures have one row for each.
func translate(calls []*Call, m Model) (operations []porcupine.Operation, model porcupine.Model) {
	row, rows := map[string]int{}, 0
	for _, c := range calls {
		id, ok := row[c.Client]
		if !ok {
			id = rows
			rows++
			row[c.Client] = id
		}
		if c.Open() {
			delete(row, c.Client)
		}
		operations = append(operations, porcupine.Operation{ClientId: id, Input: c, Call: c.begin, Return: c.end})
	}
	return operations, porcupine.Model{
		Init: m.Init,
		Step: func(state, input, _ any) (bool, any) {
			next, ok := m.Step(state, input.(*Call))
			return ok, next
		},
		Equal:             m.Equal,
		DescribeOperation: func(input, _ any) string { return strings.Join(strings.Fields(input.(*Call).String()), " ") },
		DescribeState:     func(state any) string { return fmt.Sprintf("%v", state) },
	}
}
