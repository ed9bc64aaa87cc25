package fetch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
)

// inFolder runs test on a loop, with an empty folder.
func inFolder(t *testing.T, test func(ctx context.Context, f Folder)) {
	t.Helper()
	f := Folder{Dir: filepath.Join(t.TempDir(), "new", "folder")}
	if err := asyncio.Run(t.Context(), func(ctx context.Context) error { test(ctx, f); return nil }); err != nil {
		t.Fatal(err)
	}
}

// begin opens a part and puts text into it.
func begin(ctx context.Context, t *testing.T, f Folder, address, text string, v Version) Part {
	t.Helper()
	p, err := f.Open(ctx, address, "x")
	if err == nil {
		err = errors.Join(p.Restart(ctx, v), p.Append(ctx, []byte(text)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// names lists the folder.
func names(t *testing.T, f Folder) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func content(t *testing.T, f Folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(f.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var v1 = Version{ETag: `"v1"`, Total: 10}

func TestAFileHasItsNameWhenItIsCommittedAndNotBefore(t *testing.T) {
	inFolder(t, func(ctx context.Context, f Folder) {
		p := begin(ctx, t, f, "http://h/x", "text", v1)
		if slices.Contains(names(t, f), "x.txt") {
			t.Error("it has its name before it is whole")
		}
		path, err := p.Commit(ctx, "x.txt")
		if err != nil || path != filepath.Join(f.Dir, "x.txt") || content(t, f, "x.txt") != "text" {
			t.Errorf("committed as %q: %v", path, err)
		}
		if kept, err := p.Close(ctx); kept || err != nil {
			t.Errorf("Close after Commit: kept %v, %v", kept, err)
		}
		if got := names(t, f); !slices.Equal(got, []string{"x.txt"}) {
			t.Errorf("the folder has %q, want the file alone", got)
		}
	})
}

func TestAPartIsKeptWhereItCanBeResumed(t *testing.T) {
	inFolder(t, func(ctx context.Context, f Folder) {
		p := begin(ctx, t, f, "http://h/x", "01234", v1)
		if kept, err := p.Close(ctx); !kept || err != nil {
			t.Fatalf("kept %v, %v", kept, err)
		}
		again, err := f.Open(ctx, "http://h/x", "x")
		if err != nil {
			t.Fatal(err)
		}
		if again.Size() != 5 || again.Version() != v1 {
			t.Errorf("%d bytes of %+v, want 5 of %+v", again.Size(), again.Version(), v1)
		}
		if err := again.Append(ctx, []byte("56789")); err != nil {
			t.Fatal(err)
		}
		if _, err := again.Commit(ctx, "x"); err != nil || content(t, f, "x") != whole {
			t.Errorf("got %q, %v, want %q", content(t, f, "x"), err, whole)
		}
	})
}

func TestAPartIsRemovedWhereItCannot(t *testing.T) {
	for what, c := range map[string]struct {
		text    string
		version Version
	}{
		"because it is empty":                     {"", v1},
		"because nothing says what it is of":      {"text", Version{Total: 10}},
		"because its ETag promises no same bytes": {"text", Version{ETag: `W/"v1"`, Total: 10}},
	} {
		t.Run(what, func(t *testing.T) {
			inFolder(t, func(ctx context.Context, f Folder) {
				p := begin(ctx, t, f, "http://h/x", c.text, c.version)
				if kept, err := p.Close(ctx); kept || err != nil {
					t.Errorf("kept %v, %v", kept, err)
				}
				if got := names(t, f); len(got) != 0 {
					t.Errorf("the folder has %q, want nothing", got)
				}
			})
		})
	}
}

func TestAPartIsWorthNothing(t *testing.T) {
	for what, spoil := range map[string]func(note string) error{
		"without its note":         os.Remove,
		"with a broken note":       func(n string) error { return os.WriteFile(n, []byte("{"), 0o666) },
		"with the note of another": func(n string) error { return os.WriteFile(n, []byte(`{"sha256_of_url":"00","etag":"\"v1\""}`), 0o666) },
	} {
		t.Run(what, func(t *testing.T) {
			inFolder(t, func(ctx context.Context, f Folder) {
				begin(ctx, t, f, "http://h/x", "text", v1).Close(ctx)
				for _, name := range names(t, f) {
					if strings.HasSuffix(name, ".json") {
						if err := spoil(filepath.Join(f.Dir, name)); err != nil {
							t.Fatal(err)
						}
					}
				}
				p, err := f.Open(ctx, "http://h/x", "x")
				if err != nil || p.Size() != 0 || p.Version().validator() != "" {
					t.Errorf("%d bytes of %+v, %v, want none of nothing", p.Size(), p.Version(), err)
				}
				p.Close(ctx)
			})
		})
	}
}

func TestAPasswordIsNotWrittenToTheDisk(t *testing.T) {
	inFolder(t, func(ctx context.Context, f Folder) {
		begin(ctx, t, f, "http://user:secret@h/x", "text", v1).Close(ctx)
		for _, name := range names(t, f) {
			if strings.Contains(name+content(t, f, name), "secret") {
				t.Errorf("%s has it", name)
			}
		}
	})
}

func TestTwoAddressesWithOneNameGetTwoFiles(t *testing.T) {
	inFolder(t, func(ctx context.Context, f Folder) {
		a := begin(ctx, t, f, "http://a/x", "A", v1)
		b := begin(ctx, t, f, "http://b/x", "B", v1)
		for _, p := range []Part{b, a} {
			if _, err := p.Commit(ctx, "x.tar.gz"); err != nil {
				t.Fatal(err)
			}
		}
		if content(t, f, "x.tar.gz") != "B" || content(t, f, "x-2.tar.gz") != "A" || len(names(t, f)) != 2 {
			t.Errorf("the folder has %q", names(t, f))
		}
	})
}

func TestWhatAlreadyHasTheName(t *testing.T) {
	commit := func(t *testing.T, replace bool, there func(path string) error) (Folder, error) {
		var err error
		var folder Folder
		inFolder(t, func(ctx context.Context, f Folder) {
			f.Replace = replace
			folder = f
			p := begin(ctx, t, f, "http://h/x", "new", v1)
			if err := there(filepath.Join(f.Dir, "x")); err != nil {
				t.Fatal(err)
			}
			_, err = p.Commit(ctx, "x")
			p.Close(ctx)
		})
		return folder, err
	}
	old := func(path string) error { return os.WriteFile(path, []byte("old"), 0o666) }
	t.Run("is not overwritten", func(t *testing.T) {
		f, err := commit(t, false, old)
		if err != nil || content(t, f, "x") != "old" || content(t, f, "x-2") != "new" {
			t.Errorf("%v, the folder has %q", err, names(t, f))
		}
	})
	t.Run("is not overwritten even if it is a link to nowhere", func(t *testing.T) {
		f, err := commit(t, false, func(path string) error { return os.Symlink("/nowhere", path) })
		if err != nil || content(t, f, "x-2") != "new" {
			t.Errorf("%v, the folder has %q", err, names(t, f))
		}
	})
	t.Run("is replaced, whole, where the user named it", func(t *testing.T) {
		f, err := commit(t, true, old)
		if err != nil || content(t, f, "x") != "new" || len(names(t, f)) != 1 {
			t.Errorf("%v, the folder has %q", err, names(t, f))
		}
	})
	t.Run("is not replaced if it is a folder", func(t *testing.T) {
		f, err := commit(t, true, func(path string) error { return os.Mkdir(path, 0o777) })
		if err == nil || !slices.Contains(names(t, f), "x") {
			t.Errorf("%v, the folder has %q", err, names(t, f))
		}
	})
}

func TestOneProcessAtATimeHasAPart(t *testing.T) {
	inFolder(t, func(ctx context.Context, f Folder) {
		p := begin(ctx, t, f, "http://h/x", "text", v1)
		if _, err := f.Open(ctx, "http://h/x", "x"); !errors.Is(err, errInUse) {
			t.Errorf("a second one got %v, want %v", err, errInUse)
		}
		p.Close(ctx)
		again, err := f.Open(ctx, "http://h/x", "x")
		if err != nil {
			t.Fatalf("after the first has ended: %v", err)
		}
		again.Close(ctx)
	})
}

func TestAFolderThatCannotBeMadeIsAnErrorOfThePlatform(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	inFolder(t, func(ctx context.Context, f Folder) {
		f.Dir = filepath.Join(file, "folder")
		_, err := f.Open(ctx, "http://h/x", "x")
		var path *fs.PathError
		if !errors.As(err, &path) {
			t.Errorf("got %v, want a *fs.PathError", err)
		}
	})
}
