package sim

import (
	"errors"
	"fmt"
	"testing"
)

// flaw is an error with a text of its own each time.
type flaw struct{ kind, text string }

func (f flaw) Error() string { return f.text }
func (f flaw) Kind() string  { return f.kind }

func TestFailuresAreAlike(t *testing.T) {
	of := func(host string, err error) *Failure { return &Failure{Host: host, Err: err} }
	for _, c := range []struct {
		name string
		a, b *Failure
		want bool
	}{
		{"that say the same but for numbers", of("n1", errors.New("balance 90, want 80")), of("n1", errors.New("balance 7, want 80")), true},
		{"and not those that say something else", of("n1", errors.New("balance 90")), of("n1", errors.New("no balance")), false},
		{"and not those of other hosts", of("n1", errors.New("lost")), of("n2", errors.New("lost")), false},
		{"that are of one kind, whatever they say", of("n1", flaw{"stale read", "x is a"}), of("n2", fmt.Errorf("at last: %w", flaw{"stale read", "y is b"})), true},
		{"and not those of two kinds", of("n1", flaw{"stale read", "x is a"}), of("n1", flaw{"lost write", "x is a"}), false},
		{"and not a failure and none", of("n1", errors.New("lost")), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.a.alike(c.b) != c.want || c.b.alike(c.a) != c.want {
				t.Errorf("%v and %v", c.a, c.b)
			}
		})
	}
}
