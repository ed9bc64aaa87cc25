package web_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console/internal/web"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(web.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func scripts(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(web.Files, "assets/*.js")
	if err != nil || len(names) == 0 {
		t.Fatalf("scripts: %v, %v", names, err)
	}
	return names
}

// What a policy of "self" alone for scripts and styles would refuse.
var inline = regexp.MustCompile(`(?is)<script[^>]*>\s*[^<\s]|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:`)

func TestThePageHasNoInlineScriptOrStyle(t *testing.T) {
	if found := inline.FindString(read(t, "index.html")); found != "" {
		t.Errorf("index.html has %q, which the content security policy forbids", found)
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	// An address in the text of a library, such as the name of XML's name space, loads nothing.
	loads := regexp.MustCompile(`(?i)(src|href)\s*=\s*"(https?:)?//|url\(\s*["']?(https?:)?//|@import|importScripts|sourceMappingURL`)
	for _, name := range append(scripts(t), "index.html", "assets/style.css") {
		if found := loads.FindString(read(t, name)); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}

func TestThePageMakesNoCodeOrMarkupOfText(t *testing.T) {
	forbidden := regexp.MustCompile(`\beval\(|new Function\(|document\.write|insertAdjacentHTML|outerHTML\s*=`)
	for _, name := range scripts(t) {
		if found := forbidden.FindString(read(t, name)); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}

func TestWhatThePageRefersToIsThere(t *testing.T) {
	refs := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(read(t, "index.html"), -1)
	if len(refs) < 3 {
		t.Fatalf("index.html refers to %d files: this test looks in the wrong way", len(refs))
	}
	for _, m := range refs {
		if _, err := fs.Stat(web.Files, path.Clean(m[1])); err != nil {
			t.Errorf("index.html refers to %s: %v", m[1], err)
		}
	}
}

func TestTheScriptIsSmallEnoughToBeThereAtOnce(t *testing.T) {
	if size := len(read(t, "assets/app.js")); size > 250<<10 || size < 10<<10 {
		t.Errorf("app.js has %d bytes", size)
	}
}

func TestScriptsImportOnlyWhatIsThere(t *testing.T) {
	imports := regexp.MustCompile(`(?:from|import\()\s*"(\./[^"]+\.js)"`)
	found := 0
	for _, name := range scripts(t) {
		for _, m := range imports.FindAllStringSubmatch(read(t, name), -1) {
			found++
			if _, err := fs.Stat(web.Files, path.Join("assets", m[1])); err != nil {
				t.Errorf("%s imports %s: %v", name, m[1], err)
			}
		}
	}
	if found == 0 {
		t.Error("no script imports another: this test looks in the wrong way")
	}
}

func TestTheLicencesOfTheLibrariesAreServed(t *testing.T) {
	text := read(t, "assets/licenses.txt")
	for _, library := range []string{"preact", "MIT"} {
		if !strings.Contains(text, library) {
			t.Errorf("licenses.txt does not name %s", library)
		}
	}
}

func TestAServerFindsTheKindsOfTheFiles(t *testing.T) {
	server := http.FileServerFS(web.Files)
	for name, kind := range map[string]string{"/": "text/html", "/assets/app.js": "text/javascript", "/assets/style.css": "text/css", "/assets/icon.svg": "image/svg+xml"} {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("GET", name, nil))
		if got := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(got, kind) {
			t.Errorf("%s: status %d, %s, want %s", name, w.Code, got, kind)
		}
	}
}
