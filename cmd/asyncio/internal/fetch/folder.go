package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/thread"
)

// maxNumber bounds the search for a free name.
const maxNumber = 10_000

// errInUse is returned where another process writes the same part.
var errInUse = errors.New("another process is fetching the same address into this folder; wait for it")

// A Folder is a [Store] on disk. Beside the files that are whole it holds, for each that
// is not, NAME-HASH.part and, with what is known of it, NAME-HASH.part.json; HASH is that
// of the address. Its calls block, so each runs on a thread while the loop goes on.
type Folder struct {
	Dir     string
	Replace bool // what already has a file's name is replaced, not kept
}

// Open implements [Store]. It makes the folder if it is not there.
func (f Folder) Open(ctx context.Context, url, name string) (Part, error) {
	return thread.Call(ctx, func() (Part, error) { return f.open(url, name) })
}

func (f Folder) open(url, name string) (Part, error) {
	if err := os.MkdirAll(f.Dir, 0o777); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(url))
	hash := hex.EncodeToString(sum[:])
	path := filepath.Join(f.Dir, name+"-"+hash[:16]+".part")
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	p := &partFile{folder: f, path: path, hash: hash, lock: lock}
	if err := p.load(); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// lockFile makes a file that only one process can have. A process that ends, in whatever
// way, has it no longer. The file is beside the part, not the part itself, because some
// systems let nobody write to a locked file, not even through another handle of the owner.
func lockFile(path string) (*flock.Flock, error) {
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		lock.Close()
		return nil, err
	case !locked:
		lock.Close()
		return nil, errInUse
	}
	// The owner before us may have removed the file between our opening and our locking.
	mine, err := lock.Stat()
	now, err2 := os.Stat(path)
	if err != nil || err2 != nil || !os.SameFile(mine, now) {
		lock.Close()
		return nil, errInUse
	}
	return lock, nil
}

// moveToFree renames, but never onto something. A link that fails where the name is taken
// does it in one step; file systems without links get a look before the rename.
func moveToFree(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// syncFolder makes the names in a folder durable, where the system has a way to. Some
// file systems have none, and a folder may be closed to readers; the file is whole anyway.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
