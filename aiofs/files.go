package aiofs

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"os"
)

// Open opens a file for reading.
func Open(ctx context.Context, fsys FS, name string) (File, error) {
	return fsys.OpenFile(ctx, name, os.O_RDONLY, 0)
}

// Create opens a file for reading and writing, makes it where it is not there, and
// empties it where it is.
func Create(ctx context.Context, fsys FS, name string) (File, error) {
	return fsys.OpenFile(ctx, name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// ReadFile reads a whole file. It is several waits: what others write meanwhile may be
// read in part.
func ReadFile(ctx context.Context, fsys FS, name string) ([]byte, error) {
	f, err := Open(ctx, fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close(ctx)
	info, err := f.Stat(ctx)
	if err != nil {
		return nil, err
	}
	return readAll(ctx, f, make([]byte, 0, max(info.Size()+1, 512))) // one more, for the end
}

// readAll reads to the end of the file, into data where it has room.
func readAll(ctx context.Context, f File, data []byte) ([]byte, error) {
	for {
		n, err := f.Read(ctx, data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return data, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// WriteFile writes a whole file, which it makes or empties first. Nothing is synced,
// and whoever reads it meanwhile, or after a crash, may find a part: see
// [WriteFileAtomic].
func WriteFile(ctx context.Context, fsys FS, name string, data []byte, perm fs.FileMode) error {
	f, err := fsys.OpenFile(ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	return fill(ctx, f, data, nothing)
}

func nothing(context.Context) error { return nil }

// fill writes data, does what is to be done then, and closes the file.
func fill(ctx context.Context, f File, data []byte, then func(ctx context.Context) error) error {
	closed := false
	defer func() { // where the task is ended by force, too
		if !closed {
			f.Close(ctx)
		}
	}()
	_, err := f.Write(ctx, data)
	if err == nil {
		err = then(ctx)
	}
	closed = true
	return cmp.Or(err, f.Close(ctx))
}
