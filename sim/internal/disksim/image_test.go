package disksim

import (
	"strings"
	"testing"
)

// sectors is a text of whole sectors, one per letter.
func sectors(letters string) string {
	var b strings.Builder
	for _, l := range letters {
		b.WriteString(strings.Repeat(string(l), sector))
	}
	return b.String()
}

// A host that stands still may do what has come due in any order: a write that was called
// after a sync, before it.
func TestASyncIsAsOfItsCall(t *testing.T) {
	c := &content{}
	c.put(1, []byte("one"), 0)
	c.put(2, []byte("two"), 3)
	c.flush(1)
	if got := string(c.disk); got != "one" {
		t.Errorf("the disk has %q", got)
	}
	c.truncate(3, 4)
	c.giveUp(2)
	c.flush(3)
	c.reboot()
	if got := string(c.cache); got != "onet" { // its size was kept, and the sector that it cuts
		t.Errorf("in the end the disk has %q", got)
	}
}

func TestANameIsSyncedAsOfTheCall(t *testing.T) {
	root := newFolder(0)
	var j journal
	for seq, name := range []string{"a", "b"} {
		j.pending = append(j.pending, change{seq: uint64(seq), sets: []setting{{entry{root, name}, root}}})
	}
	j.sync(0, every)
	if got := names(root.folder.disk); len(got) != 1 || got[0] != "a" || len(j.pending) != 1 {
		t.Errorf("on the disk: %q, pending: %d", got, len(j.pending))
	}
}

// A page of the cache is written as a whole: with it comes what an earlier sync has lost.
func TestALaterWriteToTheSameSectorBringsWhatASyncHasLost(t *testing.T) {
	c := &content{}
	c.put(1, []byte(sectors("abc")), 0)
	c.flush(1)
	c.put(2, []byte("lost"), 0)
	c.put(3, []byte("gone"), sector)
	c.giveUp(3)
	c.put(4, []byte("kept"), 2*sector)
	c.flush(4) // there is nothing left that would tell of the failure
	c.put(5, []byte("late"), 100)
	c.flush(5)
	c.reboot()
	want := "lost" + sectors("a")[4:100] + "late" + sectors("a")[104:] + sectors("b") + "kept" + sectors("c")[4:]
	if string(c.cache) != want {
		t.Errorf("the disk has %q", c.cache)
	}
}

// Whatever order of sizes is kept, what a truncation has cut off does not come back.
func TestWhatWasCutOffDoesNotComeBack(t *testing.T) {
	c := &content{}
	c.put(1, []byte(sectors("abc")), 0)
	c.flush(1)
	c.truncate(2, 10)
	c.truncate(3, 3*sector)
	c.replay(2, func(int, int) bool { return false }, func(i int) bool { return i == 1 })
	if want := sectors("a")[:10] + strings.Repeat("\x00", 3*sector-10); string(c.disk) != want {
		t.Errorf("the disk has %q", c.disk)
	}
}

// A write that is kept and does not change the size brings no size of an earlier one.
func TestASizeIsKeptByWritesThatChangeIt(t *testing.T) {
	c := &content{}
	c.put(1, []byte(sectors("a")), 0)
	c.flush(1)
	c.put(2, []byte(sectors("b")), sector)
	c.put(3, []byte(sectors("c")), 0)
	c.replay(2, func(i, _ int) bool { return i == 1 }, func(i int) bool { return i == 1 })
	if string(c.disk) != sectors("c") {
		t.Errorf("the disk has %q", c.disk)
	}
}
