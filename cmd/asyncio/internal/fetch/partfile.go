package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/thread"
)

// partFile is a [Part] on disk. One task uses it, one call at a time.
type partFile struct {
	folder  Folder
	path    string
	hash    string // of the address
	lock    *flock.Flock
	file    *os.File // nil once it is closed
	size    int64
	version Version
}

// note is the content of the .part.json file. It knows the address by its hash only: an
// address may hold a password.
type note struct {
	SHA256 string `json:"sha256_of_url"`
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
	if err != nil || json.Unmarshal(data, &n) != nil || n.SHA256 != p.hash {
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
	return thread.Do(ctx, func() error { return p.restart(v) })
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
	data, err := json.Marshal(note{p.hash, v})
	if err != nil {
		return err
	}
	return os.WriteFile(p.notePath(), data, 0o666)
}

// Append implements [Part].
func (p *partFile) Append(ctx context.Context, b []byte) error {
	return thread.Do(ctx, func() error {
		n, err := p.file.Write(b)
		p.size += int64(n)
		return err
	})
}

// Commit implements [Part]. The order is the point: the bytes are on the disk before the
// name is, and the name before anybody hears of it.
func (p *partFile) Commit(ctx context.Context, name string) (string, error) {
	return thread.Call(ctx, func() (string, error) { return p.commit(name) })
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

// Close implements [Part].
func (p *partFile) Close(ctx context.Context) (kept bool, err error) {
	return thread.Call(ctx, p.close)
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
