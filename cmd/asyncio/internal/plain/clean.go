// Package plain writes what other programs have named for a terminal: nothing that a
// task's name holds reaches the terminal as a command, and a table fits its width.
package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many marks may stand over one character. Languages need two or three;
// a name with hundreds would cover the lines above it.
const maxMarks = 4

// Clean makes everything visible that a terminal would obey or hide, in Go's notation:
// control characters, the marks that turn the direction of text, bytes that are not
// UTF-8. The result has no line break and is valid UTF-8.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	for i, r := range s {
		if marks++; !unicode.IsMark(r) {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && isBroken(s[i:]):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case marks > maxMarks:
		default:
			writeVisible(&b, r)
		}
	}
	return b.String()
}

// isClean tells what most names are, which need no copy.
func isClean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func isBroken(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size == 1
}

func writeVisible(b *strings.Builder, r rune) {
	switch {
	case seen(r):
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < 0x80:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// seen tells that a terminal shows something for r: letters, marks, digits, signs and the
// plain space. There are letters that are there to fill a place and look like none.
func seen(r rune) bool {
	return unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// Lines cleans a text of several lines and keeps its line breaks. A tab becomes four
// spaces.
func Lines(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = Clean(strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", "    "))
	}
	return lines
}
