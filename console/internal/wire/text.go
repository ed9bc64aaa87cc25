package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many bytes of a text go out. Names, errors and stacks are a program's own, and
// some are made from what its users send.
const (
	MaxName  = 256
	MaxText  = 4 << 10
	MaxStack = 64 << 10
)

// Cut returns s as valid UTF-8 of at most limit bytes; where it was longer it ends in
// "…". What it returns does not keep a longer s in memory.
func Cut(s string, limit int) string {
	if len(s) > limit {
		end := limit - len("…")
		for end > 0 && end > limit-len("…")-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		return strings.ToValidUTF8(s[:end], "\uFFFD") + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// Escape makes what would move a terminal's cursor, change its colours or the order of
// its text visible: control characters and marks of direction become escapes as in a
// string of Go. Newlines and tabs stay.
func Escape(s string) string {
	if strings.IndexFunc(s, hidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !hidden(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// hidden tells that a rune is none of those that one sees.
func hidden(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// EscapeJSON replaces, in the text of a JSON value, what [Escape] makes visible by
// escapes of JSON. The value is the same, and who prints the text on a terminal is safe.
func EscapeJSON(text []byte) []byte {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r >= 0x7f && hidden(r) {
			return escapeJSON(text, i)
		}
		i += n
	}
	return text
}

func escapeJSON(text []byte, from int) []byte {
	out := append(make([]byte, 0, len(text)+64), text[:from]...)
	for i := from; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r < 0x7f || !hidden(r):
			out = append(out, text[i:i+n]...)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
		i += n
	}
	return out
}
