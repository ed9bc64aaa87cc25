package tape

import (
	"strings"
	"unicode/utf8"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxText is how many bytes of a name or a description go into a recording.
const maxText = 1000

// maxStack is how many bytes of a traceback.
const maxStack = 64 << 10

// Clean makes a text fit for a recording: valid UTF-8, and not longer than 1,000 bytes,
// which it tells by a last "…". What is shown where, and how it is escaped there, is for
// those who show it.
func Clean(s string) string { return cut(s, maxText) }

func cut(s string, limit int) string {
	if len(s) > limit {
		n := limit
		for n > limit-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// tables keep what events point to, each thing once. What was added since the last
// batch is in news.
type tables struct {
	strings map[string]int64
	frames  map[monitor.Frame]int
	stacks  map[string]int64 // by the program counters, as bytes, or as place has it
	news    Batch
}

func newTables() *tables {
	return &tables{
		strings: map[string]int64{"": 0},
		frames:  map[monitor.Frame]int{},
		stacks:  map[string]int64{},
	}
}

// text is the index of s.
func (t *tables) text(s string) int64 {
	s = Clean(s)
	if i, ok := t.strings[s]; ok {
		return i
	}
	i := int64(len(t.strings))
	t.strings[s] = i
	t.news.Strings = append(t.news.Strings, s)
	return i
}

// stack is the index of a stack, plus one: 0 is none.
func (t *tables) stack(pcs []uintptr) int64 {
	if len(pcs) == 0 {
		return 0
	}
	key := stackKey(pcs)
	if i, ok := t.stacks[key]; ok {
		return i
	}
	frames := []int{}
	for _, f := range outside(monitor.Frames(pcs)) {
		frames = append(frames, t.frame(f))
	}
	return t.addStack(key, frames)
}

// place is the index of a stack of one frame, plus one.
func (t *tables) place(f monitor.Frame) int64 {
	frame := t.frame(f)
	key := stackKey([]uintptr{uintptr(frame)}) + "." // no program counters are as long
	if i, ok := t.stacks[key]; ok {
		return i
	}
	return t.addStack(key, []int{frame})
}

func (t *tables) addStack(key string, frames []int) int64 {
	i := int64(len(t.stacks)) + 1
	t.stacks[key] = i
	t.news.Stacks = append(t.news.Stacks, frames)
	return i
}

func stackKey(pcs []uintptr) string {
	key := make([]byte, 0, 8*len(pcs))
	for _, pc := range pcs {
		for shift := 0; shift < 64; shift += 8 {
			key = append(key, byte(uint64(pc)>>shift))
		}
	}
	return string(key)
}

func (t *tables) frame(f monitor.Frame) int {
	if i, ok := t.frames[f]; ok {
		return i
	}
	i := len(t.frames)
	t.frames[f] = i
	t.news.Frames = append(t.news.Frames, f)
	return i
}

// take returns what is new since the last call.
func (t *tables) take() Batch {
	news := t.news
	t.news = Batch{}
	return news
}

// module is the path of this module, with what ends its own package's name.
const module = "github.com/goasyncio/asyncio"

// outside leaves out what says nothing about a program: how the loop calls a function,
// and how the function that waits does it. Of ours the outermost stays, which is what
// the program has called.
func outside(frames []monitor.Frame) []monitor.Frame {
	last := len(frames)
	for last > 0 && below(frames[last-1].Function) {
		last--
	}
	first := 0
	for first+1 < last && below(frames[first].Function) && below(frames[first+1].Function) {
		first++
	}
	if first < last {
		return frames[first:last]
	}
	return frames
}

// below tells that a function is the runtime's or the loop's.
func below(function string) bool {
	for _, prefix := range [...]string{module + ".", module + "/internal/", "runtime.", "iter."} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
