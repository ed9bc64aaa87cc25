package fetch

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// defaultName is for addresses that end in a slash, like those of home pages.
	defaultName = "index.html"
	// maxNameBytes leaves room, below the 255 bytes that file systems give a name,
	// for a number and for the ending of a partial file.
	maxNameBytes = 200
)

// partPattern matches the names that this command gives to its own working files. A
// server must not be able to choose one: it could plant the beginning of another
// server's file.
var partPattern = regexp.MustCompile(`-[0-9a-f]{16}\.part(\.json|\.lock)?$`)

// reservedOnWindows are the names that mean devices there, with any extension.
var reservedOnWindows = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// nameFor chooses a file name for what u names: the server's Content-Disposition if it
// has one, else the last part of the path. A redirect does not change the name, so that
// the server at its end cannot choose it. The result is safe: see safeName.
func nameFor(u *url.URL, h http.Header) string {
	if _, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		if name := params["filename"]; name != "" {
			return safeName(name)
		}
	}
	if u.Path == "" || strings.HasSuffix(u.Path, "/") {
		return defaultName
	}
	return safeName(u.Path)
}

// safeName turns what a stranger wrote into the name of one visible file in the folder
// at hand, on every system: no separators, no control or invisible characters, no leading
// dot, no device name, not too long.
func safeName(raw string) string {
	name := path.Base(strings.ReplaceAll(raw, `\`, "/"))
	name = strings.Map(safeRune, strings.ToValidUTF8(name, "_"))
	name = strings.TrimRight(name, ". ")
	name = strings.TrimLeft(name, " ")
	if strings.HasPrefix(name, ".") {
		name = "_" + strings.TrimLeft(name, ".")
	}
	if strings.Trim(name, "_ ") == "" {
		return defaultName
	}
	if reservedOnWindows.MatchString(name) {
		name = "_" + name
	}
	if partPattern.MatchString(strings.ToLower(name)) {
		name += "_"
	}
	return shorten(name)
}

// safeRune maps what some file system or terminal takes amiss to an underscore, and
// drops format characters: a right-to-left override makes "gpj.exe" read "exe.jpg".
func safeRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r):
		return -1
	case unicode.IsControl(r), strings.ContainsRune(`/\:*?"<>|`, r):
		return '_'
	}
	return r
}

// shorten cuts the stem of a name, not its extension, to maxNameBytes, between characters.
func shorten(name string) string {
	if len(name) <= maxNameBytes {
		return name
	}
	stem, ext := splitExt(name)
	if len(ext) > 20 {
		stem, ext = name, ""
	}
	cut := maxNameBytes - len(ext)
	for cut > 0 && !utf8.RuneStart(stem[cut]) {
		cut--
	}
	return stem[:cut] + ext
}

// splitExt splits a name before its extension; that of an archive, ".tar.gz", is one.
func splitExt(name string) (stem, ext string) {
	ext = path.Ext(name)
	stem = strings.TrimSuffix(name, ext)
	if inner := path.Ext(stem); inner == ".tar" {
		stem, ext = strings.TrimSuffix(stem, inner), inner+ext
	}
	if stem == "" {
		return name, ""
	}
	return stem, ext
}

// numbered returns the n-th choice for a name: a.txt, a-2.txt, a-3.txt, …
func numbered(name string, n int) string {
	if n <= 1 {
		return name
	}
	stem, ext := splitExt(name)
	return fmt.Sprintf("%s-%d%s", stem, n, ext)
}
