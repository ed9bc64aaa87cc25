package explore

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// prefix of a tape in text: the format and its version.
const prefix = "u1:"

// longest is how many choices a tape from outside may have. It protects from a
// mistyped text, not from an enemy.
const longest = 1 << 26

// String is the picks for a command line: after "u1:" pairs of how many zeros come
// and which pick follows them, as varints in base64url. The zeros at the end are left
// out, and so is the number of alternatives: a tape from text clamps nothing that the
// program has not.
func (t Tape) String() string {
	var b []byte
	zeros := uint64(0)
	for _, c := range t {
		if c.Pick == 0 {
			zeros++
			continue
		}
		b = binary.AppendUvarint(b, zeros)
		b = binary.AppendUvarint(b, uint64(c.Pick))
		zeros = 0
	}
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// Parse reads what [Tape.String] wrote.
func Parse(text string) (Tape, error) {
	code, ok := strings.CutPrefix(strings.TrimSpace(text), prefix)
	if !ok {
		return nil, fmt.Errorf("schedule %.40q does not begin with %q: copy it from the failure's report, whole", text, prefix)
	}
	b, err := base64.RawURLEncoding.DecodeString(code)
	if err != nil {
		return nil, fmt.Errorf("schedule %.40q is damaged: %w; copy it from the failure's report, whole", text, err)
	}
	var t Tape
	for len(b) > 0 {
		zeros, k := binary.Uvarint(b)
		pick, m := binary.Uvarint(b[max(k, 0):])
		if k <= 0 || m <= 0 || pick == 0 || pick >= math.MaxInt || zeros > longest || len(t)+int(zeros) >= longest {
			return nil, fmt.Errorf("schedule %.40q is damaged: copy it from the failure's report, whole", text)
		}
		b = b[k+m:]
		for range zeros {
			t = append(t, Choice{N: 1})
		}
		t = append(t, Choice{N: int(pick) + 1, Pick: int(pick)})
	}
	return t, nil
}

// Bytes is the picks for Go's fuzzer, a varint each.
func (t Tape) Bytes() []byte {
	b := make([]byte, 0, len(t))
	for _, c := range t {
		b = binary.AppendUvarint(b, uint64(c.Pick))
	}
	return b
}

// FromBytes makes a tape of any bytes, as a fuzzer finds them. Picks count modulo the
// number of alternatives, so that every byte means something, and a byte of 0 is the
// default: the fuzzer's minimiser works towards it. FromBytes(t.Bytes()) decides as t.
func FromBytes(data []byte) Tape {
	t := make(Tape, 0, len(data))
	for len(data) > 0 {
		pick, k := binary.Uvarint(data)
		if k <= 0 { // cut off or too large: the byte by itself
			pick, k = uint64(data[0]), 1
		}
		t = append(t, Choice{Pick: int(pick & math.MaxInt)})
		data = data[k:]
	}
	return t
}
