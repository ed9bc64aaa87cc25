package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
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
	return onThread(ctx, func() (Part, error) { return f.open(url, name) })
}

func (f Folder) open(url, name string) (Part, error) {
	if err := os.MkdirAll(f.Dir, 0o777); err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(url))
	path := filepath.Join(f.Dir, name+"-"+hex.EncodeToString(hash[:8])+".part")
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	p := &partFile{folder: f, path: path, url: url, lock: lock}
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

// partFile is a [Part] on disk. One task uses it, one call at a time.
type partFile struct {
	folder  Folder
	path    string
	url     string
	lock    *flock.Flock
	file    *os.File // nil once it is closed
	size    int64
	version Version
}

// note is the content of the .part.json file.
type note struct {
	URL string `json:"url"`
	Version
}

func (p *partFile) notePath() string { return p.path + ".json" }

// load opens the part and finds out what it is the beginning of. A part whose note is
// missing, broken or of another address is worth nothing.
func (p *partFile) load() (err error) {
	if p.file, err = os.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return err
	}
	if p.size, err = p.file.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	var n note
	data, err := os.ReadFile(p.notePath())
	if err != nil || json.Unmarshal(data, &n) != nil || n.URL != p.url {
		return p.empty()
	}
	p.version = n.Version
	return nil
}

// empty throws away the bytes that are there, if any.
func (p *partFile) empty() error {
	if p.size == 0 {
		return nil
	}
	p.size = 0
	_, err := p.file.Seek(0, io.SeekStart)
	return errors.Join(p.file.Truncate(0), err)
}

func (p *partFile) Size() int64      { return p.size }
func (p *partFile) Version() Version { return p.version }

// Restart implements [Part].
func (p *partFile) Restart(ctx context.Context, v Version) error {
	return doOnThread(ctx, func() error { return p.restart(v) })
}

// restart empties the file before it writes the note: after a crash in between, an old
// note describes no bytes, rather than a new one the wrong bytes.
func (p *partFile) restart(v Version) error {
	if err := p.empty(); err != nil {
		return err
	}
	p.version = v
	if v.validator() == "" {
		return ignoreMissing(os.Remove(p.notePath()))
	}
	data, err := json.Marshal(note{p.url, v})
	if err != nil {
		return err
	}
	return os.WriteFile(p.notePath(), data, 0o666)
}

// Append implements [Part].
func (p *partFile) Append(ctx context.Context, b []byte) error {
	return doOnThread(ctx, func() error {
		n, err := p.file.Write(b)
		p.size += int64(n)
		return err
	})
}

// Commit implements [Part]. The order is the point: the bytes are on the disk before the
// name is, and the name before anybody hears of it.
func (p *partFile) Commit(ctx context.Context, name string) (string, error) {
	return onThread(ctx, func() (string, error) { return p.commit(name) })
}

func (p *partFile) commit(name string) (string, error) {
	if err := p.file.Sync(); err != nil {
		return "", err
	}
	if err := p.shut(); err != nil {
		return "", err
	}
	defer p.release()
	final, err := p.giveName(name)
	if err != nil {
		return "", err
	}
	syncFolder(p.folder.Dir)
	return final, ignoreMissing(os.Remove(p.notePath()))
}

// giveName moves the file to its name or, unless it may replace, to the first number of
// the name that is free.
func (p *partFile) giveName(name string) (string, error) {
	if p.folder.Replace {
		final := filepath.Join(p.folder.Dir, name)
		return final, os.Rename(p.path, final)
	}
	for n := 1; n <= maxNumber; n++ {
		final := filepath.Join(p.folder.Dir, numbered(name, n))
		switch err := moveToFree(p.path, final); {
		case err == nil:
			return final, nil
		case !errors.Is(err, fs.ErrExist):
			return "", err
		}
	}
	return "", fmt.Errorf("%s and its numbers up to %d are all taken in %s", name, maxNumber, p.folder.Dir)
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

// Close implements [Part].
func (p *partFile) Close(ctx context.Context) (kept bool, err error) {
	return onThread(ctx, p.close)
}

func (p *partFile) close() (kept bool, err error) {
	if p.file == nil {
		return false, nil // Commit has ended it
	}
	defer p.release()
	if p.size > 0 && p.version.validator() != "" {
		return true, p.file.Sync()
	}
	return false, errors.Join(p.shut(), ignoreMissing(os.Remove(p.notePath())), ignoreMissing(os.Remove(p.path)))
}

// shut closes the file, once.
func (p *partFile) shut() error {
	if p.file == nil {
		return nil
	}
	f := p.file
	p.file = nil
	return f.Close()
}

// release ends the use of the part. The lock file goes while it is still ours; where
// the system refuses that, it goes after.
func (p *partFile) release() {
	p.shut()
	err := os.Remove(p.lock.Path())
	p.lock.Close()
	if err != nil {
		os.Remove(p.lock.Path())
	}
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
