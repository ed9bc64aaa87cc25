package history_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/history"
)

// told records a call that nobody else's overlaps.
func told(h *history.History, client string, input, output any) {
	h.Call(client, input).Return(output)
}

// Each case says whether the history is one that an object can have told.
var cases = []struct {
	name  string
	model history.Model
	calls func(h *history.History)
	legal bool
}{
	{"nothing has happened", history.Register(0), func(h *history.History) {}, true},
	{"a register is initial before it is written", history.Register(7), func(h *history.History) {
		told(h, "a", history.Read{}, 7)
	}, true},
	{"a read sees what was written before it", history.Register(0), func(h *history.History) {
		told(h, "a", history.Write{1}, nil)
		told(h, "b", history.Read{}, 0)
	}, false},
	{"a read during a write sees the old value or the new", history.Register(0), func(h *history.History) {
		w := h.Call("a", history.Write{1})
		told(h, "b", history.Read{}, 0)
		told(h, "b", history.Read{}, 1)
		w.Return(nil)
	}, true},
	{"but not the new one and then the old one", history.Register(0), func(h *history.History) {
		w := h.Call("a", history.Write{1})
		told(h, "b", history.Read{}, 1)
		told(h, "b", history.Read{}, 0)
		w.Return(nil)
	}, false},
	{"a write that is open may have happened", history.Register(0), func(h *history.History) {
		h.Call("a", history.Write{1})
		told(h, "b", history.Read{}, 1)
	}, true},
	{"or happen later", history.Register(0), func(h *history.History) {
		h.Call("a", history.Write{1})
		told(h, "b", history.Read{}, 0)
		told(h, "b", history.Read{}, 1)
	}, true},
	{"or never", history.Register(0), func(h *history.History) {
		h.Call("a", history.Write{1})
		told(h, "b", history.Read{}, 0)
	}, true},
	{"but not twice", history.Register(0), func(h *history.History) {
		h.Call("a", history.Write{1})
		told(h, "b", history.Read{}, 1)
		told(h, "b", history.Write{2}, nil)
		told(h, "b", history.Read{}, 1)
	}, false},
	{"a write that was refused has not happened", history.Register(0), func(h *history.History) {
		h.Call("a", history.Write{1}).Fail()
		told(h, "b", history.Read{}, 1)
	}, false},
	{"a read that is open says nothing", history.Register(0), func(h *history.History) {
		h.Call("a", history.Read{})
		told(h, "b", history.Read{}, 0)
	}, true},
	{"of two swaps from the same value one succeeds", history.Register(0), func(h *history.History) {
		a, b := h.Call("a", history.CompareAndSwap{0, 1}), h.Call("b", history.CompareAndSwap{0, 2})
		a.Return(false)
		b.Return(true)
		told(h, "a", history.Read{}, 2)
	}, true},
	{"and not both", history.Register(0), func(h *history.History) {
		a, b := h.Call("a", history.CompareAndSwap{0, 1}), h.Call("b", history.CompareAndSwap{0, 2})
		a.Return(true)
		b.Return(true)
	}, false},
	{"a swap that is open changes what is there or nothing", history.Register(0), func(h *history.History) {
		h.Call("a", history.CompareAndSwap{5, 1})
		told(h, "b", history.Read{}, 1)
	}, false},

	{"keys are independent", history.KV(""), func(h *history.History) {
		told(h, "a", history.Put{"x", "1"}, nil)
		told(h, "b", history.Get{"y"}, "")
		told(h, "b", history.Get{"x"}, "1")
		told(h, "b", history.Swap{"y", "", "2"}, true)
		told(h, "a", history.Get{"y"}, "2")
	}, true},
	{"a write of one key is lost", history.KV(""), func(h *history.History) {
		told(h, "a", history.Put{"x", "1"}, nil)
		told(h, "a", history.Put{"y", "1"}, nil)
		told(h, "b", history.Get{"x"}, "1")
		told(h, "b", history.Get{"y"}, "")
	}, false},

	{"a queue gives what came first", history.Queue(), func(h *history.History) {
		told(h, "a", history.Enqueue{1}, nil)
		told(h, "a", history.Enqueue{2}, nil)
		told(h, "b", history.Dequeue{}, 1)
		told(h, "b", history.Dequeue{}, 2)
		told(h, "b", history.Dequeue{}, history.Empty{})
	}, true},
	{"and not what came last", history.Queue(), func(h *history.History) {
		told(h, "a", history.Enqueue{1}, nil)
		told(h, "a", history.Enqueue{2}, nil)
		told(h, "b", history.Dequeue{}, 2)
	}, false},
	{"and nothing twice", history.Queue(), func(h *history.History) {
		told(h, "a", history.Enqueue{1}, nil)
		told(h, "b", history.Dequeue{}, 1)
		told(h, "c", history.Dequeue{}, 1)
	}, false},
	{"what came at the same time may come in any order", history.Queue(), func(h *history.History) {
		a, b := h.Call("a", history.Enqueue{1}), h.Call("b", history.Enqueue{2})
		a.Return(nil)
		b.Return(nil)
		told(h, "c", history.Dequeue{}, 2)
		told(h, "c", history.Dequeue{}, 1)
	}, true},
	{"a dequeue that is open may have taken the item", history.Queue(), func(h *history.History) {
		told(h, "a", history.Enqueue{1}, nil)
		h.Call("b", history.Dequeue{})
		told(h, "c", history.Dequeue{}, history.Empty{})
	}, true},
	{"a queue is not empty where something is in it", history.Queue(), func(h *history.History) {
		told(h, "a", history.Enqueue{1}, nil)
		told(h, "c", history.Dequeue{}, history.Empty{})
	}, false},

	{"a lock goes from hand to hand", history.Lock(), func(h *history.History) {
		told(h, "a", history.Acquire{}, nil)
		told(h, "b", history.TryAcquire{}, false)
		b := h.Call("b", history.Acquire{})
		told(h, "a", history.Release{}, nil)
		b.Return(nil)
	}, true},
	{"and is held by one", history.Lock(), func(h *history.History) {
		told(h, "a", history.Acquire{}, nil)
		told(h, "b", history.TryAcquire{}, true)
	}, false},
	{"an acquire that is open may have it", history.Lock(), func(h *history.History) {
		h.Call("a", history.Acquire{})
		told(h, "b", history.TryAcquire{}, false)
	}, true},
	{"or not", history.Lock(), func(h *history.History) {
		h.Call("a", history.Acquire{})
		told(h, "b", history.TryAcquire{}, true)
	}, true},
	{"nobody releases what another one holds", history.Lock(), func(h *history.History) {
		told(h, "a", history.Acquire{}, nil)
		told(h, "b", history.Release{}, nil)
	}, false},
	{"but may be refused", history.Lock(), func(h *history.History) {
		told(h, "a", history.Acquire{}, nil)
		h.Call("b", history.Release{}).Fail()
		told(h, "a", history.Release{}, nil)
	}, true},
}

func TestCheckTellsWhatAnObjectCanHaveTold(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := history.New(nil)
			c.calls(h)
			if err := history.Check(h, c.model); (err == nil) != c.legal {
				t.Errorf("%v, legal %v\n%s", err, c.legal, h)
			}
		})
	}
}

// lost is a history in which a write to y is lost, among many that are kept.
func lost() *history.History {
	now := time.Duration(0)
	h := history.New(func() time.Duration { now += time.Millisecond; return now })
	told(h, "a", history.Put{"x", "1"}, nil)
	for i := range 20 {
		told(h, "a", history.Put{"y", fmt.Sprint(i)}, nil)
	}
	told(h, "b", history.Get{"y"}, "18")
	h.Call("b", history.Put{"y", "late"})
	told(h, "b", history.Get{"x"}, "1")
	return h
}

func TestAViolationShowsTheCallsAroundTheOneThatDoesNotFit(t *testing.T) {
	err := history.Check(lost(), history.KV(""))
	var v *history.Violation
	if !errors.As(err, &v) {
		t.Fatal(err)
	}
	if v.Kind() != "not linearizable: key-value store" {
		t.Error(v.Kind())
	}
	if len(v.Calls) != 22 || len(v.Fits) != 20 {
		t.Errorf("%d calls, of which %d fit", len(v.Calls), len(v.Fits))
	}
	text := err.Error()
	for _, want := range []string{
		"a key-value store cannot have told this", "20 of 22 calls fit", "\n  8 calls before\n",
		"\n*    0.043000s … 0.044000s    b          Get{Key:\"y\"} → \"18\"",
		"\n     0.045000s …              b          Put{Key:\"y\", Value:\"late\"}: nobody knows",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, `"x"`) {
		t.Errorf("it speaks of another key:\n%s", text)
	}
}

func TestAViolationIsDrawn(t *testing.T) {
	var v *history.Violation
	if err := history.Check(lost(), history.KV("")); !errors.As(err, &v) {
		t.Fatal(err)
	}
	name, err := v.Save(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(page), "<html") || !strings.Contains(string(page), "nobody knows") {
		t.Errorf("%v: %d bytes without the history", err, len(page))
	}
	if _, err := v.Save(name); err == nil {
		t.Error("a folder that is none is no error")
	}
}

func TestAHistoryIsCountedAndPrinted(t *testing.T) {
	h := history.New(nil)
	told(h, "a", history.Write{1}, nil)
	h.Call("a", history.Write{2}).Fail()
	h.Call("b", history.Write{3})
	if s := h.Stats(); s != (history.Stats{Returned: 1, Failed: 1, Open: 1}) {
		t.Errorf("%+v", s)
	}
	if n := strings.Count(h.String(), "\n"); n != 3 || !strings.Contains(h.String(), "Write{Value:2}: refused") {
		t.Errorf("%d lines:\n%s", n, h)
	}
	if calls := h.Calls(); len(calls) != 3 || !calls[2].Open() || calls[0].Open() {
		t.Errorf("%v", calls)
	}
}

func TestMistakesOfTheTestPanic(t *testing.T) {
	panics := func(name string, f func()) {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if s := fmt.Sprint(recover()); !strings.HasPrefix(s, "history: ") {
					t.Errorf("no panic of ours: %v", s)
				}
			}()
			f()
		})
	}
	panics("a call returns twice", func() {
		c := history.New(nil).Call("a", history.Read{})
		c.Return(1)
		c.Fail()
	})
	for _, m := range []history.Model{history.Register(0), history.KV(0), history.Queue(), history.Lock()} {
		panics("a "+m.Name+" is asked for what it cannot do", func() {
			m.Step(m.Init(), history.New(nil).Call("a", "dance"))
		})
	}
}

type counted struct{ n int }

func (c counted) String() string { return fmt.Sprintf("add %d", c.n) }

func TestAModelOfOnesOwn(t *testing.T) {
	counter := history.Model{
		Name: "counter",
		Init: func() any { return 0 },
		Step: func(state any, c *history.Call) (any, bool) {
			sum := state.(int) + c.Input.(counted).n
			return sum, c.Open() || c.Output == sum
		},
	}
	h := history.New(nil)
	a, b := h.Call("a", counted{1}), h.Call("b", counted{2})
	a.Return(3)
	b.Return(2)
	if err := history.Check(h, counter); err != nil {
		t.Error(err)
	}
	told(h, "a", counted{1}, 3)
	if err := history.Check(h, counter); err == nil || !strings.Contains(err.Error(), "add 1 → 3") {
		t.Error(err)
	}
}
