package disksim_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/disksim"
)

// forest is the naive model of folders: each file has an identity, which is its content,
// and is synced before it is used.
type forest struct {
	*world
	rand    *rand.Rand
	next    int
	at      map[int]string // where each file is, as processes see it
	born    map[int]string // the folder of those whose creation is not on the disk yet
	dying   map[int]string // the folder of those whose removal is not
	dead    map[int]bool   // their removal is on the disk
	durable map[int]bool   // their creation is, and they have not been removed
	folders []string
}

// place is a name that may be taken, in any folder.
func (m *forest) place() string {
	return path.Join(m.folders[m.rand.IntN(len(m.folders))], fmt.Sprint("n", m.rand.IntN(4)))
}

// who is the file at a place, or -1.
func (m *forest) who(place string) int {
	for id, p := range m.at {
		if p == place {
			return id
		}
	}
	return -1
}

// step does something to the disk and to the model.
func (m *forest) step() {
	m.Helper()
	fsys, at := m.disk.Mount(), m.place()
	id := m.who(at)
	switch kind := m.rand.IntN(8); {
	case kind == 0:
		folder := m.folders[m.rand.IntN(len(m.folders))]
		m.must(fsys.SyncDir(m.ctx, folder))
		m.synced(folder)
	case kind == 1 && len(m.folders) > 2:
		m.moveFolder()
	case id < 0:
		f := m.open(at)
		m.writeAt(f, fmt.Sprint(m.next), 0)
		m.must(f.Sync(m.ctx))
		m.must(f.Close(m.ctx))
		m.at[m.next], m.born[m.next] = at, path.Dir(at)
		m.next++
	case kind < 4:
		m.must(fsys.Remove(m.ctx, at))
		m.removed(id)
	default:
		to := m.place()
		if to == at {
			return
		}
		m.must(fsys.Rename(m.ctx, at, to))
		if old := m.who(to); old >= 0 {
			m.removed(old)
		}
		m.at[id] = to
	}
}

func (m *forest) removed(id int) {
	m.dying[id] = path.Dir(m.at[id])
	delete(m.at, id)
	delete(m.durable, id)
	delete(m.born, id)
}

// synced is what a SyncDir tells for sure.
func (m *forest) synced(folder string) {
	for id, in := range m.born {
		if in == folder {
			delete(m.born, id)
			m.durable[id] = true
		}
	}
	for id, in := range m.dying {
		if in == folder {
			delete(m.dying, id)
			m.dead[id] = true
		}
	}
}

// moveFolder puts one folder into another, or back to the top.
func (m *forest) moveFolder() {
	i := 1 + m.rand.IntN(len(m.folders)-1)
	from, into := m.folders[i], m.folders[m.rand.IntN(len(m.folders))]
	to := path.Join(into, path.Base(from))
	if from == to || into == from || strings.HasPrefix(into, from+"/") {
		return
	}
	m.must(m.disk.Mount().Rename(m.ctx, from, to))
	move := func(p string) string {
		if p == from || strings.HasPrefix(p, from+"/") {
			return to + p[len(from):]
		}
		return p
	}
	for i := range m.folders {
		m.folders[i] = move(m.folders[i])
	}
	for _, places := range []map[int]string{m.at, m.born, m.dying} {
		for id, p := range places {
			places[id] = move(p)
		}
	}
}

// check compares what is left after a crash with what must and must not be.
func (m *forest) check() error {
	found := map[int]string{}
	var err error
	m.disk.Walk(func(p string, content []byte) {
		if content == nil {
			return
		}
		id := -1
		if fmt.Sscan(string(content), &id); id < 0 {
			err = fmt.Errorf("%s has %q: a file that was synced has lost its content", p, content)
		}
		if other, ok := found[id]; ok {
			err = fmt.Errorf("%s and %s are the same file", p, other)
		}
		found[id] = p
		if m.dead[id] {
			err = fmt.Errorf("%s is back, though its removal was synced", p)
		}
	})
	for id := range m.durable {
		if _, ok := found[id]; !ok {
			err = fmt.Errorf("file %d, which was synced, is gone", id)
		}
	}
	return err
}

// newForest has folders that are on the disk, each with a file that stays.
func newForest(w *world, seed uint64) *forest {
	m := &forest{world: w, rand: rand.New(rand.NewPCG(seed, 3)), folders: []string{"."},
		at: map[int]string{}, born: map[int]string{}, dying: map[int]string{}, dead: map[int]bool{}, durable: map[int]bool{}}
	fsys := w.disk.Mount()
	for _, name := range []string{"a", "b", "c"} {
		w.must(fsys.Mkdir(w.ctx, name, 0o755))
		w.must(fsys.SyncDir(w.ctx, "."))
		m.folders = append(m.folders, name)
		f := w.open(name + "/stays")
		w.writeAt(f, fmt.Sprint(m.next), 0)
		w.must(f.Sync(w.ctx))
		w.must(fsys.SyncDir(w.ctx, name))
		m.durable[m.next] = true
		m.next++
	}
	return m
}

// Whatever is kept of creations, removals and renamings, files and folders that were
// synced are there, once, and those whose removal was are not.
func TestNamesAfterACrashAreAmongThoseAllowed(t *testing.T) {
	lost := 0
	for _, journal := range []bool{false, true} {
		for seed := range uint64(400) {
			run(t, seed, func(w *world) {
				w.disk.SetFaults(disksim.Faults{Journal: journal})
				m := newForest(w, seed)
				for range m.rand.IntN(40) {
					m.step()
				}
				w.disk.Crash()
				if err := m.check(); err != nil {
					t.Fatalf("seed %d, journal %v: %v\n%s", seed, journal, err, w.state())
				}
				lost += w.disk.Counts().LostNames
			})
		}
	}
	if lost < 500 {
		t.Errorf("only %d names were lost: the test looks in the wrong way", lost)
	}
}
