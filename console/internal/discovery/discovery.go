// Package discovery is how the commands of a user find the consoles of the programs of
// the same user: a console leaves a file with its address and its token where nobody
// else can read it, and takes it away when it is closed.
//
// A file whose process is gone is stale, also where another process has its number now.
// Who reads the folder or writes into it removes it.
package discovery

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Entry is a process with a console.
type Entry struct {
	PID     int       `json:"pid"`
	Address string    `json:"address"` // HOST:PORT
	Token   string    `json:"token"`
	Program string    `json:"program"`
	Started time.Time `json:"started"`
}

// A file is what is written of an entry.
type file struct {
	Entry
	Process string `json:"process,omitempty"` // tells it from a later one with the same number
}

// maxSize bounds what is read of a file: an entry has a few hundred bytes.
const maxSize = 64 << 10

// Dir is the folder of this user. It need not exist.
func Dir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "asyncio-console")
	}
	return filepath.Join(os.TempDir(), "asyncio-console-"+strconv.Itoa(os.Getuid()))
}

// Write leaves e for those who look. Call remove when the console is closed: it takes
// the file away unless another console of the process has replaced it. Calling it twice
// does no harm.
func (e Entry) Write() (remove func() error, err error) {
	dir := Dir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := private(dir); err != nil {
		return nil, err
	}
	text, err := json.Marshal(file{e, identity(e.PID)})
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, strconv.Itoa(e.PID)+ending)
	if err := replace(name, text); err != nil {
		return nil, err
	}
	List() // programs end without taking their file away, and perhaps nobody ever looks
	return func() error {
		if now, err := os.ReadFile(name); err == nil && string(now) != string(text) {
			return nil
		}
		return ignoreMissing(os.Remove(name))
	}, nil
}

// The names of files are the number of the process and one of these.
const (
	ending     = ".json"
	unfinished = ".new-" // and more
)

// replace writes a file at once: nobody sees a part of it.
func replace(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), strings.TrimSuffix(filepath.Base(name), ending)+unfinished+"*") // only the owner may read it
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// private is an error unless dir belongs to this user alone: in a folder of somebody
// else's making we would hand him the token, or he us an address.
func private(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder: remove it", dir)
	case !ours(info):
		return fmt.Errorf("%s belongs to another user or is open to others: remove it, or set XDG_RUNTIME_DIR", dir)
	}
	return nil
}

// List is every entry whose process is there, by PID. It removes those that are stale,
// and skips what is no entry or not this user's.
func List() ([]Entry, error) {
	dir := Dir()
	if err := private(dir); err != nil {
		return nil, ignoreMissing(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	var found []Entry
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), ".")
		pid, err := strconv.Atoi(number)
		kind := strings.TrimPrefix(f.Name(), number)
		if err != nil || kind != ending && !strings.HasPrefix(kind, unfinished) {
			continue
		}
		name := filepath.Join(dir, f.Name())
		e, ok := read(name)
		switch {
		case !Alive(pid), ok && another(e, identity(pid)):
			os.Remove(name)
		case ok && kind == ending && e.PID == pid:
			found = append(found, e.Entry)
		}
	}
	slices.SortFunc(found, func(a, b Entry) int { return cmp.Compare(a.PID, b.PID) })
	return found, nil
}

// another tells that the process which has the number of e now is not that of e.
func another(e file, now string) bool { return e.Process != "" && now != "" && e.Process != now }

func read(name string) (e file, ok bool) {
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || !ours(info) {
		return e, false
	}
	f, err := os.Open(name)
	if err != nil {
		return e, false
	}
	defer f.Close()
	err = json.NewDecoder(io.LimitReader(f, maxSize)).Decode(&e)
	return e, err == nil && e.Address != ""
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
