package save

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func content(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// only fails the test where anything but names is in dir.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Errorf("the folder has %q, want %q", got, names)
	}
}

func TestAFileAppearsWhenItIsWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.svg")
	f, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before Commit the file is there: %v", err)
	}
	if err := f.Commit(write("picture")); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	if got := content(t, name); got != "picture" {
		t.Errorf("it has %q", got)
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o644 {
		t.Errorf("its mode is %v", info.Mode())
	}
	only(t, dir, "a.svg")
}

func TestWhatWasThereStaysUntilTheEnd(t *testing.T) {
	full := errors.New("disk full")
	for _, test := range []struct {
		name string
		end  func(*File) error
	}{
		{"after a failure", func(f *File) error {
			return f.Commit(func(w io.Writer) error { return errors.Join(write("half")(w), full) })
		}},
		{"after a discard", func(f *File) error { f.Discard(); return full }},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "a.svg")
			if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.end(f); !errors.Is(err, full) {
				t.Errorf("error is %v", err)
			}
			if got := content(t, name); got != "old" {
				t.Errorf("the file has %q", got)
			}
			only(t, dir, "a.svg")
		})
	}
}

func TestReplacingKeepsThePermissionsAndTheLink(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a.svg"), filepath.Join(dir, "link.svg")
	if err := errors.Join(os.WriteFile(name, nil, 0o600), os.Symlink("a.svg", link)); err != nil {
		t.Fatal(err)
	}
	f, err := Create(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(write("new")); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o600 || content(t, name) != "new" {
		t.Errorf("mode %v, content %q", info.Mode(), content(t, name))
	}
	if info, _ := os.Lstat(link); info.Mode().Type() != fs.ModeSymlink {
		t.Error("the link was replaced")
	}
}

func TestAFolderThatIsNotThereIsSaidAtOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "missing", "a.svg")
	_, err := Create(name)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), name+":") {
		t.Errorf("error is %v, want one that names the file", err)
	}
}

func TestAFolderIsNoFile(t *testing.T) {
	if _, err := Create(t.TempDir()); err == nil {
		t.Error("a folder was accepted")
	}
}

func TestDiscardingNothingIsFine(t *testing.T) {
	var f *File
	f.Discard()
}
