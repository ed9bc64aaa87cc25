package aiofs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/goasyncio/asyncio"
)

// WriteFileAtomic gives a file new content: whoever opens it, at any time and after any
// crash, finds the old content or the new one, and when it has returned nil the new one
// stays. It writes a file beside it, syncs that, renames it, and syncs the folder.
//
// If ctx ends before the rename, nothing has happened; from there on the call is
// carried to its end. It removes the file beside it where it fails, but a crash may
// leave one, called name.tmp or name.tmp1 and so on: a program that wants the room back
// removes these when it starts. An error of the last step means that the file is
// replaced, but may be the old one again after a crash. A symbolic link is replaced, not
// followed, and the file has the permissions of perm, whatever the old one had.
func WriteFileAtomic(ctx context.Context, fsys FS, name string, data []byte, perm fs.FileMode) error {
	f, temporary, err := createBeside(ctx, fsys, name, perm)
	if err != nil {
		return err
	}
	err = fill(ctx, f, data, f.Sync)
	if err == nil {
		err = asyncio.Checkpoint(ctx) // the last chance to stop
	}
	ctx = context.WithoutCancel(ctx)
	if err == nil {
		err = fsys.Rename(ctx, temporary, name)
	}
	if err != nil {
		fsys.Remove(ctx, temporary) // as well as can be: the first error tells what is wrong
		return err
	}
	return fsys.SyncDir(ctx, filepath.Dir(name))
}

// createBeside makes a file under a name that nobody uses.
func createBeside(ctx context.Context, fsys FS, name string, perm fs.FileMode) (f File, temporary string, err error) {
	temporary = name + ".tmp"
	for i := 1; ; i++ {
		f, err = fsys.OpenFile(ctx, temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return f, temporary, err
		}
		temporary = name + ".tmp" + strconv.Itoa(i)
	}
}
