package explore_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

func tapeOf(picks ...int) (t explore.Tape) {
	for _, p := range picks {
		t = append(t, explore.Choice{N: p + 1, Pick: p})
	}
	return t
}

func TestATapeInText(t *testing.T) {
	t.Run("is the same after reading", func(t *testing.T) {
		for _, tape := range []explore.Tape{nil, tapeOf(1), tapeOf(0, 0, 1), tapeOf(5, 0, 0, 1<<30, 2)} {
			got, err := explore.Parse(tape.String())
			if err != nil || !got.SamePicks(tape) {
				t.Errorf("%v: %v, %v", tape, got, err)
			}
		}
	})
	t.Run("is short, however many zeros it has", func(t *testing.T) {
		tape := append(make(explore.Tape, 10_000), tapeOf(3)...)
		if text := tape.String(); len(text) > 10 {
			t.Errorf("%d characters: %s", len(text), text)
		}
	})
	t.Run("does not show the zeros at its end", func(t *testing.T) {
		if a, b := tapeOf(1, 0, 0).String(), tapeOf(1).String(); a != b {
			t.Errorf("%s and %s", a, b)
		}
	})
	t.Run("is refused when it is damaged, with what to do", func(t *testing.T) {
		for _, text := range []string{"", "u1", "u2:AAE", "u1:A", "u1:*", "u1:AAA", "u1:AA", "u1:____________8B", "u1:gICAgAEB"} {
			if _, err := explore.Parse(text); err == nil || !strings.Contains(err.Error(), "copy it") {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

func TestATapeAsBytes(t *testing.T) {
	t.Run("is the same after reading", func(t *testing.T) {
		tape := tapeOf(0, 1, 300, 0, 1<<30)
		if got := explore.FromBytes(tape.Bytes()); !got.SamePicks(tape) {
			t.Errorf("%v is %v", tape, got)
		}
	})
	t.Run("can be any bytes", func(t *testing.T) {
		alts := alternatives(3)
		c := explore.NewChooser()
		for seed := range uint64(200) {
			data := make([]byte, 20)
			for i, r := 0, rand.New(rand.NewPCG(seed, 0)); i < len(data); i++ {
				data[i] = byte(r.Uint32())
			}
			c.Replay(explore.FromBytes(data))
			for range 30 {
				if i := c.Step(alts); i < 0 || i > 2 {
					t.Fatalf("%x: alternative %d of 3", data, i)
				}
			}
		}
	})
	t.Run("reaches every alternative with every byte", func(t *testing.T) {
		seen := map[int]bool{}
		c := explore.NewChooser()
		for b := range 100 {
			c.Replay(explore.FromBytes([]byte{byte(b)}))
			seen[c.Draw("fault", 7, 0.01)] = true
		}
		if len(seen) != 7 {
			t.Errorf("%d of 7 values", len(seen))
		}
	})
	t.Run("of zeros is the default", func(t *testing.T) {
		if tape := explore.FromBytes(make([]byte, 5)); tape.NonDefault() != 0 {
			t.Errorf("%v", tape)
		}
	})
}

// What a fuzzer finds is a tape, and what it writes decides the same again.
func FuzzATapeOfBytesDecidesTheSameWhenItIsWrittenAgain(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0xff, 0x80})
	f.Add(bytes.Repeat([]byte{0xff}, 12))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, _ := walkAlong(explore.FromBytes(data))
		again, _ := walkAlong(explore.FromBytes(first.Bytes()))
		if !first.SamePicks(again) {
			t.Errorf("%v\n%v", first, again)
		}
		parsed, err := explore.Parse(first.String())
		if err != nil || !parsed.SamePicks(first) {
			t.Errorf("%v as text: %v, %v", first, parsed, err)
		}
	})
}

// walkAlong makes decisions of several kinds by a tape, and returns those made, and
// what came of them.
func walkAlong(tape explore.Tape) (explore.Tape, []int) {
	c := explore.NewChooser()
	c.Replay(tape)
	var made []int
	for i := range 20 {
		made = append(made, c.Step(alternatives(1+i%4)), c.Draw("draw", 1+i%3*100, 0.1))
	}
	return append(explore.Tape(nil), c.Tape()...), made
}

// alternatives are n tasks.
func alternatives(n int) (alts []explore.Alt) {
	for i := range n {
		alts = append(alts, explore.Alt{Key: uint64(i), Class: uint32(i)})
	}
	return alts
}
