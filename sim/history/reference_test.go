package history_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/sim/history"
)

// A recorded call, for the reference: it tries all orders.
type recorded struct {
	call       *history.Call
	begin, end int
	refused    bool
}

// linearizable is the definition: some calls that are open may be left out, and the rest
// has an order in which each call begins before those end that come behind it, and in
// which the model agrees.
func linearizable(m history.Model, state any, left []*recorded) bool {
	if !slices.ContainsFunc(left, func(r *recorded) bool { return !r.call.Open() }) {
		return true
	}
	for i, r := range left {
		if slices.ContainsFunc(left, func(other *recorded) bool { return other.end < r.begin }) {
			continue // that one comes before r in any order
		}
		next, ok := m.Step(state, r.call)
		if ok && linearizable(m, next, slices.Delete(slices.Clone(left), i, i+1)) {
			return true
		}
	}
	return false
}

// random makes a history of a few calls of three clients, with outputs that are often
// but not always right.
func random(r *rand.Rand, input func(r *rand.Rand) any, output func(r *rand.Rand, input any) any) (*history.History, []*recorded) {
	h := history.New(nil)
	var all []*recorded
	current := map[int]*recorded{}
	for now := range 12 {
		client := r.IntN(3)
		c := current[client]
		if c == nil {
			name := fmt.Sprintf("%d", client)
			c = &recorded{call: h.Call(name, input(r)), begin: now, end: 1 << 30}
			current[client] = c
			all = append(all, c)
			continue
		}
		delete(current, client)
		switch r.IntN(8) {
		case 0: // stays open
		case 1:
			c.call.Fail()
			c.refused = true
		default:
			c.call.Return(output(r, c.call.Input))
			c.end = now
		}
	}
	return h, slices.DeleteFunc(all, func(c *recorded) bool { return c.refused })
}

func TestRandomHistoriesAreJudgedAsByTheDefinition(t *testing.T) {
	small := func(r *rand.Rand) any { return r.IntN(3) }
	yes := func(r *rand.Rand) any { return r.IntN(2) == 0 }
	for _, object := range []struct {
		model  history.Model
		input  func(r *rand.Rand) any
		output func(r *rand.Rand, input any) any
	}{
		{history.Register(0), func(r *rand.Rand) any {
			return []any{history.Read{}, history.Write{small(r)}, history.CompareAndSwap{small(r), small(r)}}[r.IntN(3)]
		}, func(r *rand.Rand, input any) any {
			switch input.(type) {
			case history.Read:
				return small(r)
			case history.CompareAndSwap:
				return yes(r)
			}
			return nil
		}},
		{history.Queue(), func(r *rand.Rand) any {
			return []any{history.Dequeue{}, history.Enqueue{small(r)}}[r.IntN(2)]
		}, func(r *rand.Rand, input any) any {
			if input == (history.Dequeue{}) {
				return []any{history.Empty{}, small(r), small(r)}[r.IntN(3)]
			}
			return nil
		}},
		{history.Lock(), func(r *rand.Rand) any {
			return []any{history.Acquire{}, history.TryAcquire{}, history.Release{}}[r.IntN(3)]
		}, func(r *rand.Rand, input any) any {
			if input == (history.TryAcquire{}) {
				return yes(r)
			}
			return nil
		}},
	} {
		t.Run(object.model.Name, func(t *testing.T) {
			legal := 0
			for seed := range uint64(2000) {
				h, calls := random(rand.New(rand.NewPCG(seed, 1)), object.input, object.output)
				want := linearizable(object.model, object.model.Init(), calls)
				err := history.Check(h, object.model)
				if (err == nil) != want {
					t.Fatalf("seed %d: %v, by the definition %v\n%s", seed, err, want, h)
				}
				if want {
					legal++
				}
			}
			if legal < 100 || legal > 1900 {
				t.Errorf("%d of 2000 histories are legal: the other outcome is hardly tested", legal)
			}
		})
	}
}
