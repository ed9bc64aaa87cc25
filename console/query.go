package console

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxPage    = 1000 // entries in an answer
	pageSize   = 100  // unless the client says otherwise
	maxQuery   = 256  // bytes of a text to search for
	maxOrders  = 16   // orders of one listing that are kept
	maxHolders = 64   // tasks that could end a wait, which are told of each task
)

// A query is which tasks a client wants, and in which order.
type query struct {
	state, text, sort string
	desc              bool
}

// params are the parameters of a request. The first that is wrong stays as err.
type params struct {
	url.Values
	err error
}

// number is the parameter of that name, between low and high; otherwise, where it is not
// given or wrong.
func (p *params) number(name string, otherwise, low, high uint64) uint64 {
	text := p.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil && n >= low && n <= high {
		return n
	}
	if p.err == nil {
		p.err = fmt.Errorf("%s must be a number from %d to %d", name, low, high)
	}
	return otherwise
}

func (p *params) limit() int { return int(p.number("limit", pageSize, 1, maxPage)) }

// choice is the parameter of that name, which must be one of some words.
func (p *params) choice(name string, words ...string) string {
	text := p.Get(name)
	if text != "" && !slices.Contains(words, text) && p.err == nil {
		p.err = fmt.Errorf("%s must be one of %s", name, strings.Join(words, ", "))
	}
	return text
}

func (p *params) query() query {
	q := query{
		state: p.choice("state", "ready", "running", "waiting", "unknown"),
		text:  strings.ToLower(p.Get("q")),
		sort:  p.choice("sort", "id", "name", "state", "since", "steps", "busy"),
		desc:  p.choice("desc", "0", "1") == "1",
	}
	if len(q.text) > maxQuery && p.err == nil {
		p.err = fmt.Errorf("q must have %d bytes or less", maxQuery)
	}
	if q.sort == "id" {
		q.sort = ""
	}
	return q
}

// order is the places of the tasks that q asks for, in its order. It is kept, since
// clients that look all the time ask all the time.
func (l *listing) order(q query, of workOf) []int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o, ok := l.orders[q]; ok {
		return o
	}
	var o []int32
	for i := range l.tasks {
		breathe(i)
		if q.matches(&l.tasks[i]) {
			o = append(o, int32(i))
		}
	}
	if compare := l.comparer(q.sort, of); compare != nil {
		slices.SortStableFunc(o, compare)
	}
	if q.desc {
		slices.Reverse(o)
	}
	if len(l.orders) < maxOrders {
		l.orders[q] = o
	}
	return o
}

// comparer compares places by the key of that name. nil is the order of IDs, in which
// the places are.
func (l *listing) comparer(key string, of workOf) func(a, b int32) int {
	t := l.tasks
	switch key {
	case "name":
		return func(a, b int32) int { return strings.Compare(t[a].Name, t[b].Name) }
	case "state":
		return func(a, b int32) int { return strings.Compare(t[a].State, t[b].State) }
	case "since":
		return func(a, b int32) int { return t[a].Since.Compare(t[b].Since) }
	case "steps", "busy":
		return func(a, b int32) int {
			x, y := of(t[a].ID), of(t[b].ID)
			if key == "steps" {
				return cmp.Compare(x.steps, y.steps)
			}
			return cmp.Compare(x.busy, y.busy)
		}
	}
	return nil
}

// workOf tells what a task was seen to do, zero where it was not watched.
type workOf func(id uint64) work
