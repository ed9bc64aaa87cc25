package sim

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// calls are how often a test has called Check so far: a replay is of one of its calls.
var calls sync.Map // testing.TB to *int

// call counts a call, and returns its number, from 1.
func call(t testing.TB) int {
	n, found := calls.LoadOrStore(t, new(int))
	if !found {
		t.Cleanup(func() { calls.Delete(t) })
	}
	*n.(*int)++
	return *n.(*int)
}

// program is the name of what the campaign runs: the test, without the input of a fuzz
// test, and behind it which call of Check it is, unless it is the first.
func (c *campaign) program() string {
	if c.call > 1 {
		return fmt.Sprintf("%s (call %d)", c.test(), c.call)
	}
	return c.test()
}

// test is the name of the test.
func (c *campaign) test() string {
	name := c.t.Name()
	if strings.HasPrefix(name, "Fuzz") {
		name, _, _ = strings.Cut(name, "/")
	}
	return name
}

// token is what replays a tape of this campaign: the tape as text, and before it which
// call of Check it is of, unless it is the first.
func (c *campaign) token(tape string) string {
	if c.call > 1 {
		return fmt.Sprintf("%d/%s", c.call, tape)
	}
	return tape
}

// splitToken is the way back.
func splitToken(token string) (call int, tape string) {
	number, rest, found := strings.Cut(token, "/")
	if n, err := strconv.Atoi(number); found && err == nil {
		return n, rest
	}
	return 1, token
}
