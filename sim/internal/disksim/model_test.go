package disksim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/sim/internal/disksim"
)

// history is the naive model of a file: every content that it has had since it was last
// synced, which is the first.
type history [][]byte

func (h history) now() []byte { return h[len(h)-1] }

// padded is a sector of a content, with zeros where that ends.
func padded(content []byte, s int) (p [512]byte) {
	if s*512 < len(content) {
		copy(p[:], content[s*512:])
	}
	return p
}

// allows tells what is wrong with a content found after a crash: its size must be one
// that the file has had, and so must each of its sectors.
func (h history) allows(got []byte) error {
	sizes := map[int]bool{}
	for _, c := range h {
		sizes[len(c)] = true
	}
	if !sizes[len(got)] {
		return fmt.Errorf("it has %d bytes, which it never had", len(got))
	}
	for s := range (len(got) + 511) / 512 {
		if !h.hasSector(got[s*512:min(len(got), s*512+512)], s) {
			return fmt.Errorf("its sector %d has what it never had: %q", s, got[s*512:min(len(got), s*512+512)])
		}
	}
	return nil
}

func (h history) hasSector(part []byte, s int) bool {
	for _, c := range h {
		if p := padded(c, s); string(p[:len(part)]) == string(part) {
			return true
		}
	}
	return false
}

// worker does what it likes with a file and with the model.
type worker struct {
	*world
	file   aiofs.File
	rand   *rand.Rand
	model  history
	letter byte
}

func newWorker(w *world, seed uint64) *worker {
	return &worker{world: w, file: w.durable("f", ""), rand: rand.New(rand.NewPCG(seed, 7)), model: history{{}}}
}

func (k *worker) step() {
	k.Helper()
	content := append([]byte{}, k.model.now()...)
	switch off := k.rand.IntN(2500); k.rand.IntN(6) {
	case 0:
		k.must(k.file.Sync(k.ctx))
		k.model = history{content}
		return
	case 1:
		k.must(k.file.Truncate(k.ctx, int64(off)))
		content = append(content[:min(off, len(content)):min(off, len(content))], make([]byte, max(0, off-len(content)))...)
	default:
		p := make([]byte, 1+k.rand.IntN(1200))
		for i := range p {
			p[i] = 'a' + k.letter%26
		}
		k.letter++
		_, err := k.file.WriteAt(k.ctx, p, int64(off))
		k.must(err)
		content = append(content, make([]byte, max(0, off+len(p)-len(content)))...)
		copy(content[off:], p)
	}
	k.model = append(k.model, content)
}

// After a crash at any moment a file is one of those that the naive model allows, and it
// goes on from there.
func TestAFileAfterACrashIsOneOfThoseAllowed(t *testing.T) {
	states := map[string]bool{}
	for seed := range uint64(300) {
		run(t, seed, func(w *world) {
			if seed%3 == 0 {
				w.disk.SetFaults(disksim.Faults{EarlySync: 0.2})
			}
			k := newWorker(w, seed)
			for range 4 { // lives
				for range k.rand.IntN(12) {
					k.step()
				}
				w.disk.Crash()
				got, ok := w.content("f")
				if !ok {
					t.Fatalf("seed %d: the file is gone", seed)
				}
				if err := k.model.allows([]byte(got)); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				states[fmt.Sprint(len(k.model), got == string(k.model[0]), got == string(k.model.now()))] = true
				k.file, k.model = w.open("f"), history{[]byte(got)}
			}
		})
	}
	if len(states) < 20 {
		t.Errorf("only %d kinds of outcome have been seen: the test looks in the wrong way", len(states))
	}
}

// A crash can show each combination of two writes to two sectors each, and nothing else.
func TestACrashCanShowEachCombination(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(2000) {
		run(t, seed, func(w *world) {
			f := w.durable("f", text('0', 2))
			w.writeAt(f, text('1', 2), 0)
			w.writeAt(f, text('2', 1), 512)
			w.disk.Crash()
			got, _ := w.content("f")
			seen[got[:1]+got[512:513]]++
		})
	}
	for _, state := range []string{"00", "01", "02", "10", "11", "12"} {
		if seen[state] == 0 {
			t.Errorf("%s never happened", state)
		}
		delete(seen, state)
	}
	for state := range seen {
		t.Errorf("%s happened", state)
	}
}

// text is n sectors of one letter.
func text(letter byte, n int) string {
	p := make([]byte, 512*n)
	for i := range p {
		p[i] = letter
	}
	return string(p)
}
