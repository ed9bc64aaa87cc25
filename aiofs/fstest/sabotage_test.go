package fstest_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/aiofs/fstest"
)

// faulty is a good file system of which some calls are replaced by wrong ones.
type faulty struct {
	aiofs.FS
	d defect
}

// A defect is what a file system does wrong. Each field replaces the call of its name.
type defect struct {
	flag     func(flag int) int
	rename   func(ctx context.Context, fsys aiofs.FS, from, to string) error
	readDir  func(entries []fs.DirEntry) []fs.DirEntry
	remove   func(ctx context.Context, fsys aiofs.FS, name string) error
	context  func(ctx context.Context) context.Context
	read     func(ctx context.Context, f aiofs.File, p []byte) (int, error)
	readAt   func(ctx context.Context, f aiofs.File, p []byte, off int64) (int, error)
	write    func(ctx context.Context, f aiofs.File, p []byte) (int, error)
	truncate func(ctx context.Context, f aiofs.File, size int64) error
	close    func(ctx context.Context, f aiofs.File) error
}

// defects and the statement that finds each.
var defects = map[string]struct {
	sentence string
	defect   defect
}{
	"exclusive":  {"O_EXCL refuses", defect{flag: func(flag int) int { return flag &^ os.O_EXCL }}},
	"no_trunc":   {"O_TRUNC empties", defect{flag: func(flag int) int { return flag &^ os.O_TRUNC }}},
	"no_append":  {"O_APPEND writes at the end", defect{flag: func(flag int) int { return flag &^ os.O_APPEND }}},
	"path_error": {"what cannot be renamed stays", defect{rename: renameWithPathError}},
	"copies":     {"Rename replaces a file, and who has it open keeps it", defect{rename: renameByCopy}},
	"unsorted":   {"ReadDir sorts by name", defect{readDir: reversed}},
	"silent":     {"Remove removes a file", defect{remove: removeSilently}},
	"deaf":       {"under a context that has ended nothing happens", defect{context: context.WithoutCancel}},
	"endless":    {"what was written is read at once", defect{read: readWithoutEnd}},
	"moves":      {"ReadAt reads up to the end", defect{readAt: readAtThatMoves}},
	"lost":       {"a call that is cancelled has happened, or has not", defect{write: writeThatLies}},
	"unordered":  {"tasks that write to one file", defect{write: writeAtTheStart}},
	"shrinks":    {"Truncate cuts, and extends with zeros", defect{truncate: truncateThatShrinks}},
	"obedient":   {"Close closes under a context that has ended", defect{close: closeThatObeys}},
	"twice":      {"after Close each call says so", defect{close: closeTwice}},
}

func renameWithPathError(ctx context.Context, fsys aiofs.FS, from, to string) error {
	if err := fsys.Rename(ctx, from, to); err != nil {
		return &fs.PathError{Op: "rename", Path: from, Err: errors.Unwrap(err)}
	}
	return nil
}

func renameByCopy(ctx context.Context, fsys aiofs.FS, from, to string) error {
	data, err := aiofs.ReadFile(ctx, fsys, from)
	if err != nil {
		return fsys.Rename(ctx, from, to)
	}
	if err := aiofs.WriteFile(ctx, fsys, to, data, 0o644); err != nil {
		return err
	}
	return fsys.Remove(ctx, from)
}

func reversed(entries []fs.DirEntry) []fs.DirEntry {
	slices.Reverse(entries)
	return entries
}

func removeSilently(ctx context.Context, fsys aiofs.FS, name string) error {
	fsys.Remove(ctx, name)
	return nil
}

func readWithoutEnd(ctx context.Context, f aiofs.File, p []byte) (int, error) {
	n, err := f.Read(ctx, p)
	if err == io.EOF && len(p) == 8 { // the others would never end
		err = nil
	}
	return n, err
}

func readAtThatMoves(ctx context.Context, f aiofs.File, p []byte, off int64) (int, error) {
	n, err := f.ReadAt(ctx, p, off)
	f.Seek(ctx, off, io.SeekStart)
	return n, err
}

func writeThatLies(ctx context.Context, f aiofs.File, p []byte) (int, error) {
	n, err := f.Write(ctx, p)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return n, err
}

func writeAtTheStart(ctx context.Context, f aiofs.File, p []byte) (int, error) {
	at, err := f.Seek(ctx, 0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	n, err := f.WriteAt(ctx, p, at)
	f.Seek(ctx, at+int64(n), io.SeekStart)
	return n, err
}

func truncateThatShrinks(ctx context.Context, f aiofs.File, size int64) error {
	info, err := f.Stat(ctx)
	if err == nil && size > info.Size() {
		return nil
	}
	return f.Truncate(ctx, size)
}

func closeThatObeys(ctx context.Context, f aiofs.File) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return f.Close(ctx)
}

func closeTwice(ctx context.Context, f aiofs.File) error {
	f.Close(ctx)
	return nil
}

// with is call, or the wrong one instead.
func with[F any](wrong F, have bool, right F) F {
	if have {
		return wrong
	}
	return right
}

func (f faulty) OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (aiofs.File, error) {
	if f.d.context != nil {
		ctx = f.d.context(ctx)
	}
	if f.d.flag != nil {
		flag = f.d.flag(flag)
	}
	file, err := f.FS.OpenFile(ctx, name, flag, perm)
	if err != nil {
		return nil, err
	}
	return faultyFile{file, f.d}, nil
}

func (f faulty) Rename(ctx context.Context, from, to string) error {
	right := func(ctx context.Context, fsys aiofs.FS, from, to string) error { return fsys.Rename(ctx, from, to) }
	return with(f.d.rename, f.d.rename != nil, right)(ctx, f.FS, from, to)
}

func (f faulty) Remove(ctx context.Context, name string) error {
	right := func(ctx context.Context, fsys aiofs.FS, name string) error { return fsys.Remove(ctx, name) }
	return with(f.d.remove, f.d.remove != nil, right)(ctx, f.FS, name)
}

func (f faulty) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	entries, err := f.FS.ReadDir(ctx, name)
	if f.d.readDir != nil {
		entries = f.d.readDir(entries)
	}
	return entries, err
}

type faultyFile struct {
	aiofs.File
	d defect
}

func (f faultyFile) Read(ctx context.Context, p []byte) (int, error) {
	right := func(ctx context.Context, f aiofs.File, p []byte) (int, error) { return f.Read(ctx, p) }
	return with(f.d.read, f.d.read != nil, right)(ctx, f.File, p)
}

func (f faultyFile) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	right := func(ctx context.Context, f aiofs.File, p []byte, off int64) (int, error) {
		return f.ReadAt(ctx, p, off)
	}
	return with(f.d.readAt, f.d.readAt != nil, right)(ctx, f.File, p, off)
}

func (f faultyFile) Write(ctx context.Context, p []byte) (int, error) {
	right := func(ctx context.Context, f aiofs.File, p []byte) (int, error) { return f.Write(ctx, p) }
	return with(f.d.write, f.d.write != nil, right)(ctx, f.File, p)
}

func (f faultyFile) Truncate(ctx context.Context, size int64) error {
	right := func(ctx context.Context, f aiofs.File, size int64) error { return f.Truncate(ctx, size) }
	return with(f.d.truncate, f.d.truncate != nil, right)(ctx, f.File, size)
}

func (f faultyFile) Close(ctx context.Context) error {
	right := func(ctx context.Context, f aiofs.File) error { return f.Close(ctx) }
	return with(f.d.close, f.d.close != nil, right)(ctx, f.File)
}

// variable names the defect to a process of the test.
const variable = "FSTEST_DEFECT"

// TestSabotaged is what the other test runs in a process of its own.
func TestSabotaged(t *testing.T) {
	name := os.Getenv(variable)
	if name == "" {
		t.Skip("this is a part of TestTheSuiteFindsEachDefect")
	}
	fstest.TestFS(t, context.Background, func(_ context.Context, t *testing.T) aiofs.FS {
		return faulty{aiofs.Dir(aiofs.OS, t.TempDir()), defects[name].defect}
	})
}

func TestTheSuiteFindsEachDefect(t *testing.T) {
	for name, d := range defects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestSabotaged$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), variable+"="+name)
			out, err := cmd.CombinedOutput()
			if want := "--- FAIL: TestSabotaged/" + strings.ReplaceAll(d.sentence, " ", "_"); err == nil || !strings.Contains(string(out), want) {
				t.Errorf("not found where it says %q: %v\n%s", d.sentence, err, out)
			}
		})
	}
}
