package fetch

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheNameOfAFile(t *testing.T) {
	for _, c := range []struct{ what, url, disposition, want string }{
		{"is the last part of the path", "http://h/a/b.txt", "", "b.txt"},
		{"does not contain the query", "http://h/b.txt?x=/../y", "", "b.txt"},
		{"is decoded", "http://h/a%20b.txt", "", "a b.txt"},
		{"of a home page is index.html", "http://h", "", "index.html"},
		{"of a folder is index.html", "http://h/docs/", "", "index.html"},
		{"is the server's where it gives one", "http://h/get?id=7", `attachment; filename="report.pdf"`, "report.pdf"},
		{"may have all of Unicode", "http://h/get", `attachment; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt`, "naïve €.txt"},
		{"ignores a header that makes no sense", "http://h/x.bin", `attachment; filename=`, "x.bin"},
		{"never climbs by the path", "http://h/..%2f..%2fetc%2fpasswd", "", "passwd"},
		{"never climbs by the header", "http://h/x", `attachment; filename="../../.ssh/authorized_keys"`, "authorized_keys"},
		{"never climbs with backslashes", "http://h/x", `attachment; filename="..\\..\\boot.ini"`, "boot.ini"},
		{"is never the folder above", "http://h/x", `attachment; filename=".."`, "index.html"},
		{"is never hidden", "http://h/.bashrc", "", "_bashrc"},
		{"is never a device", "http://h/NUL.txt", "", "_NUL.txt"},
		{"has no control characters", "http://h/a%00b%1b%5b31m.txt", "", "a_b_[31m.txt"},
		{"cannot be written backwards", "http://h/photo%E2%80%AEgpj.exe", "", "photogpj.exe"},
		{"does not end in dots or spaces", "http://h/a.txt%20.", "", "a.txt"},
		{"is valid UTF-8", "http://h/%ff%fe.bin", "", "_.bin"},
		{"is not a working file's", "http://h/a-0123456789abcdef.part", "", "a-0123456789abcdef.part_"},
	} {
		t.Run(c.what, func(t *testing.T) {
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			h := http.Header{}
			if c.disposition != "" {
				h.Set("Content-Disposition", c.disposition)
			}
			if got := nameFor(u, h); got != c.want {
				t.Errorf("nameFor(%s, %s) = %q, want %q", c.url, c.disposition, got, c.want)
			}
		})
	}
}

func TestALongNameKeepsItsExtension(t *testing.T) {
	got := safeName(strings.Repeat("é", 300) + ".tar.gz")
	if len(got) > maxNameBytes || !strings.HasSuffix(got, "é.tar.gz") || !utf8.ValidString(got) {
		t.Errorf("a name of %d bytes: %q", len(got), got)
	}
	if got := safeName("a." + strings.Repeat("x", 300)); len(got) > maxNameBytes {
		t.Errorf("an endless extension leaves a name of %d bytes", len(got))
	}
}

func TestNamesAreNumberedBeforeTheExtension(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		want string
	}{{"a.txt", 1, "a.txt"}, {"a.txt", 2, "a-2.txt"}, {"a.tar.gz", 3, "a-3.tar.gz"}, {"README", 2, "README-2"}} {
		if got := numbered(c.name, c.n); got != c.want {
			t.Errorf("numbered(%q, %d) = %q, want %q", c.name, c.n, got, c.want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"", ".", "..", "/", `\`, "a/../b", "\x00", "\xff", ". .", "COM1", "\u202e", strings.Repeat("é", 400)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		name := safeName(raw)
		switch {
		case name == "" || len(name) > maxNameBytes+1:
			t.Errorf("%q has %d bytes", name, len(name))
		case strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\\\x00"):
			t.Errorf("%q from %q is not safe", name, raw)
		case !filepath.IsLocal(name) || filepath.Base(name) != name:
			t.Errorf("%q from %q leaves its folder", name, raw)
		case !utf8.ValidString(name) || partPattern.MatchString(name):
			t.Errorf("%q from %q is not a name that we want", name, raw)
		}
	})
}
