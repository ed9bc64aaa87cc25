package history

// A Model is an object that does one thing at a time: what a system of many machines is
// compared with. Its functions must not change what they are given.
type Model struct {
	// Name is what errors call it.
	Name string
	// Init is the state before the first call.
	Init func() any
	// Step is the state after a call, and whether the call can have gone that way: its
	// Output is what the object tells in this state. A call that is Open has no output:
	// any would do, and where the call cannot happen in this state it changes nothing.
	Step func(state any, c *Call) (next any, ok bool)
	// Key is which of many independent objects a call is about; each is checked by
	// itself, which is much faster. Nil: there is one.
	Key func(input any) any
	// Reads tells that an input changes nothing, so that it says nothing while it is
	// open. Nil: all change something.
	Reads func(input any) bool
	// Equal compares states. Nil is ==, which needs states that can be compared.
	Equal func(a, b any) bool
}

// The inputs of [Register] and, with keys, of [KV].
type (
	// Read asks a register for its value, which is the output.
	Read struct{}
	// Write puts a value into a register. It has no output.
	Write struct{ Value any }
	// CompareAndSwap writes New if the value is Old. The output is whether it was.
	CompareAndSwap struct{ Old, New any }

	// Get asks for the value of a key, which is the output.
	Get struct{ Key any }
	// Put writes a key. It has no output.
	Put struct{ Key, Value any }
	// Swap writes New if the value of the key is Old. The output is whether it was.
	Swap struct{ Key, Old, New any }
)

// Register is one value, initial at first. Values must be comparable.
func Register(initial any) Model {
	return Model{
		Name:  "register",
		Init:  func() any { return initial },
		Step:  func(state any, c *Call) (any, bool) { return stepRegister(state, c, c.Input) },
		Reads: func(input any) bool { return input == Read{} },
	}
}

// KV is a map from keys to values, which are initial where nothing was put. Keys and
// values must be comparable.
func KV(initial any) Model {
	return Model{
		Name: "key-value store",
		Init: func() any { return initial },
		Step: func(state any, c *Call) (any, bool) {
			_, onRegister := ofKey(c.Input)
			return stepRegister(state, c, onRegister)
		},
		Key: func(input any) any {
			key, _ := ofKey(input)
			return key
		},
		Reads: func(input any) bool { _, ok := input.(Get); return ok },
	}
}

// ofKey is which key an input is about, and what it is to the register of that key.
func ofKey(input any) (key, onRegister any) {
	switch in := input.(type) {
	case Get:
		return in.Key, Read{}
	case Put:
		return in.Key, Write{in.Value}
	case Swap:
		return in.Key, CompareAndSwap{in.Old, in.New}
	}
	panic(foreign(input))
}

// stepRegister is one register; input is that of c, without its key.
func stepRegister(state any, c *Call, input any) (any, bool) {
	switch in := input.(type) {
	case Read:
		return state, c.Open() || c.Output == state
	case Write:
		return in.Value, true
	case CompareAndSwap:
		hit := state == in.Old
		if hit {
			state = in.New
		}
		return state, c.Open() || c.Output == hit
	}
	panic(foreign(input))
}

// The inputs of [Queue].
type (
	// Enqueue puts a value at the end of a queue. It has no output.
	Enqueue struct{ Value any }
	// Dequeue takes the first value, which is the output, or [Empty].
	Dequeue struct{}
)

// Empty is the output of a Dequeue that found nothing.
type Empty struct{}

// items is what is in a queue. States share what they have in common.
type items struct {
	first any
	rest  *items
}

// Queue is first in, first out. Values must be comparable.
func Queue() Model {
	return Model{
		Name: "queue",
		Init: func() any { return (*items)(nil) },
		Step: func(state any, c *Call) (any, bool) {
			q := state.(*items)
			switch in := c.Input.(type) {
			case Enqueue:
				return q.with(in.Value), true
			case Dequeue:
				if q == nil {
					return q, c.Open() || c.Output == Empty{}
				}
				return q.rest, c.Open() || c.Output == q.first
			}
			panic(foreign(c.Input))
		},
		Equal: func(a, b any) bool { return a.(*items).equal(b.(*items)) },
	}
}

func (q *items) with(value any) *items {
	if q == nil {
		return &items{first: value}
	}
	return &items{first: q.first, rest: q.rest.with(value)}
}

func (q *items) equal(other *items) bool {
	for ; q != other; q, other = q.rest, other.rest {
		if q == nil || other == nil || q.first != other.first {
			return false
		}
	}
	return true
}

// The inputs of [Lock].
type (
	// Acquire takes a lock for the client. It has no output.
	Acquire struct{}
	// TryAcquire takes it if it is free. The output is whether it was.
	TryAcquire struct{}
	// Release gives it back. It has no output.
	Release struct{}
)

// Lock is held by one client at a time, which the client's name tells. A Release by a
// client that does not hold it fits nowhere: a system whose leases run out has to refuse
// it, see [Call.Fail].
func Lock() Model {
	return Model{
		Name: "lock",
		Init: func() any { return "" },
		Step: func(state any, c *Call) (any, bool) {
			free, own := state == "", state == c.Client
			switch c.Input.(type) {
			case Acquire:
				if free {
					return c.Client, true
				}
				return state, c.Open()
			case TryAcquire:
				if free {
					return c.Client, c.Open() || c.Output == true
				}
				return state, c.Open() || c.Output == false
			case Release:
				if own {
					return "", true
				}
				return state, c.Open()
			}
			panic(foreign(c.Input))
		},
	}
}

// foreign is what a model says of an input that is not its own.
func foreign(input any) string { return "history: this model has no input " + describe(input) }
