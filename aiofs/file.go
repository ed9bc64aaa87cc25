package aiofs

import (
	"context"
	"io/fs"
	"os"

	"github.com/goasyncio/asyncio"
)

// file is a File of the system. os.File is safe for all threads, down to a Close
// while others use the descriptor.
type file struct {
	f *os.File
	// position is who may use the offset. The system would serialize its users too, but
	// threads come to it in any order, and records would be swapped.
	position asyncio.Lock
}

// Name implements [File].
func (f *file) Name() string { return f.f.Name() }

// Read implements [File].
func (f *file) Read(ctx context.Context, p []byte) (int, error) {
	return inLine(ctx, f, func() (int, error) { return f.f.Read(p) })
}

// Write implements [File].
func (f *file) Write(ctx context.Context, p []byte) (int, error) {
	return inLine(ctx, f, func() (int, error) { return f.f.Write(p) })
}

// Seek implements [File].
func (f *file) Seek(ctx context.Context, offset int64, whence int) (int64, error) {
	return inLine(ctx, f, func() (int64, error) { return f.f.Seek(offset, whence) })
}

// inLine is onThread for calls that move the offset.
func inLine[T any](ctx context.Context, f *file, call func() (T, error)) (T, error) {
	if err := f.position.Acquire(ctx); err != nil {
		var none T
		return none, err
	}
	defer f.position.Release()
	return onThread(ctx, call)
}

// ReadAt implements [File].
func (f *file) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	return onThread(ctx, func() (int, error) { return f.f.ReadAt(p, off) })
}

// WriteAt implements [File].
func (f *file) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	return onThread(ctx, func() (int, error) { return f.f.WriteAt(p, off) })
}

// Truncate implements [File].
func (f *file) Truncate(ctx context.Context, size int64) error {
	return only(ctx, func() error { return f.f.Truncate(size) })
}

// Sync implements [File].
func (f *file) Sync(ctx context.Context) error {
	return only(ctx, f.f.Sync)
}

// Stat implements [File].
func (f *file) Stat(ctx context.Context) (fs.FileInfo, error) {
	return onThread(ctx, f.f.Stat)
}

// Close implements [File]. Where no thread can do it, as in a task that is being ended
// by force, it is done here: to hold up the loop is better than to leave the file open.
func (f *file) Close(ctx context.Context) error {
	done := false
	defer func() {
		if !done {
			f.f.Close() // a second time where a thread is at it: that does nothing
		}
	}()
	begun := false
	err := only(context.WithoutCancel(ctx), func() error {
		begun = true
		return f.f.Close()
	})
	done = begun // and ended
	return err
}
