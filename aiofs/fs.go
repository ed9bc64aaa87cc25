package aiofs

import (
	"context"
	"io/fs"
)

// FS is a file system. Its calls wait; names are those of package os, with slashes
// everywhere. What a cancellation leaves behind is in the package's comment.
//
// An FS may be used by many tasks at a time.
type FS interface {
	// OpenFile opens a file with the flags of package os (O_RDONLY, O_CREATE …). A
	// folder can be opened for reading alone, to be synced.
	OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (File, error)
	// Mkdir makes a folder.
	Mkdir(ctx context.Context, name string, perm fs.FileMode) error
	// MkdirAll makes a folder and those above it where they are not there.
	MkdirAll(ctx context.Context, name string, perm fs.FileMode) error
	// Remove removes a file or an empty folder. A file that is open lives until it is
	// closed.
	Remove(ctx context.Context, name string) error
	// RemoveAll removes name and what is in it. It is no error where nothing is there.
	// After an error some of it may be left.
	RemoveAll(ctx context.Context, name string) error
	// Rename gives a file or a folder another name; a file of that name is replaced in
	// the same moment. The error is an *os.LinkError.
	Rename(ctx context.Context, oldname, newname string) error
	// ReadDir is what is in a folder, sorted by name. Entries know their Info, which
	// takes no wait: it is as of this call.
	ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error)
	// Stat describes a file.
	Stat(ctx context.Context, name string) (fs.FileInfo, error)
	// Truncate cuts a file, or extends it with zeros.
	Truncate(ctx context.Context, name string, size int64) error
	// SyncDir brings the names in a folder to the disk: which files have been made in
	// it, renamed and removed. Neither their content nor the folder's own name.
	SyncDir(ctx context.Context, name string) error
}

// File is an open file. Its calls wait; each that takes bytes works like its namesake
// of [os.File]: a Read may fall short, a Write that does has an error.
//
// A File belongs to the loop on which it was opened, where many tasks may use it at a
// time. Read, Write and Seek share an offset and are done in line, in the order of the
// calls; the others may overtake.
type File interface {
	// Name is the name that the file was opened with, as the file system below knows it.
	Name() string
	// Read reads from the offset on, and moves it. At the end it returns 0 and io.EOF.
	Read(ctx context.Context, p []byte) (n int, err error)
	// Write writes at the offset, or at the end with O_APPEND, and moves it. After an
	// error the first n bytes are in the file.
	Write(ctx context.Context, p []byte) (n int, err error)
	// ReadAt reads len(p) bytes at off, or up to the end, and then has io.EOF.
	ReadAt(ctx context.Context, p []byte, off int64) (n int, err error)
	// WriteAt writes at off. A file opened with O_APPEND refuses it.
	WriteAt(ctx context.Context, p []byte, off int64) (n int, err error)
	// Seek moves the offset, as io.Seeker does.
	Seek(ctx context.Context, offset int64, whence int) (int64, error)
	// Truncate cuts the file, or extends it with zeros. The offset stays.
	Truncate(ctx context.Context, size int64) error
	// Sync brings the file's content to the disk: all that was written before the call.
	// Of an open folder it is SyncDir.
	Sync(ctx context.Context) error
	// Stat describes the file.
	Stat(ctx context.Context) (fs.FileInfo, error)
	// Close closes the file, whether ctx has ended or not. It syncs nothing. Calls that
	// are under way are carried out; a second Close, like every other call after the
	// first, returns fs.ErrClosed.
	Close(ctx context.Context) error
}

type contextKey struct{}

// NewContext is ctx with a file system, for [FromContext].
func NewContext(ctx context.Context, fsys FS) context.Context {
	return context.WithValue(ctx, contextKey{}, fsys)
}

// FromContext is the file system that ctx was given: in a simulated world the disk of
// the host. Where it was given none it is [OS].
func FromContext(ctx context.Context) FS {
	if fsys, ok := ctx.Value(contextKey{}).(FS); ok {
		return fsys
	}
	return OS
}
