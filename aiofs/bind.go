package aiofs

import (
	"context"
	"io"
)

// Bound is a [File] with a context of its own, for libraries that want the interfaces of
// package io: it is an io.Reader, Writer, Seeker, Closer, ReaderAt and WriterAt. Its
// methods wait like those of the file, so they are for the loop's tasks, and not for a
// library that works on goroutines or holds a mutex meanwhile.
type Bound struct {
	ctx  context.Context
	file File
}

var _ interface {
	io.ReadWriteSeeker
	io.Closer
	io.ReaderAt
	io.WriterAt
} = Bound{}

// Bind makes all calls of f under ctx: that of the task which uses it.
func Bind(ctx context.Context, f File) Bound { return Bound{ctx, f} }

// Read implements [io.Reader].
func (b Bound) Read(p []byte) (int, error) { return b.file.Read(b.ctx, p) }

// Write implements [io.Writer].
func (b Bound) Write(p []byte) (int, error) { return b.file.Write(b.ctx, p) }

// Seek implements [io.Seeker].
func (b Bound) Seek(offset int64, whence int) (int64, error) {
	return b.file.Seek(b.ctx, offset, whence)
}

// ReadAt implements [io.ReaderAt].
func (b Bound) ReadAt(p []byte, off int64) (int, error) { return b.file.ReadAt(b.ctx, p, off) }

// WriteAt implements [io.WriterAt].
func (b Bound) WriteAt(p []byte, off int64) (int, error) { return b.file.WriteAt(b.ctx, p, off) }

// Close implements [io.Closer].
func (b Bound) Close() error { return b.file.Close(b.ctx) }
