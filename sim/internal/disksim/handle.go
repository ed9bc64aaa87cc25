package disksim

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/goasyncio/asyncio"
)

// handle is an open file.
type handle struct {
	mount    *Mount
	node     *node
	name     string
	flag     int
	closed   bool
	offset   int64
	position asyncio.Lock // for those that move the offset
}

// Name implements [aiofs.File].
func (h *handle) Name() string { return h.name }

// do makes a call of the system on a file that is open when it begins.
func do[T any](ctx context.Context, h *handle, op string, c cost, call func(d *Disk) (T, error)) (T, error) {
	var none T
	if err := asyncio.Checkpoint(ctx); err != nil {
		return none, err
	}
	if h.closed || h.mount.dead {
		return none, wrap(op, h.name, fs.ErrClosed)
	}
	err := h.mount.wait(ctx, c)
	if h.mount.dead {
		err = fs.ErrClosed
	}
	if err != nil {
		return none, wrap(op, h.name, err)
	}
	result, err := call(h.mount.disk)
	return result, wrap(op, h.name, err)
}

// inLine is do for calls that move the offset.
func inLine[T any](ctx context.Context, h *handle, op string, c cost, call func(d *Disk) (T, error)) (T, error) {
	if err := h.position.Acquire(ctx); err != nil {
		var none T
		return none, err
	}
	defer h.position.Release()
	return do(ctx, h, op, c, call)
}

// Read implements [aiofs.File].
func (h *handle) Read(ctx context.Context, p []byte) (int, error) {
	return inLine(ctx, h, "read", aCall, func(d *Disk) (int, error) {
		n, err := h.read(d, p, h.offset)
		h.offset += int64(n)
		if n == 0 && err == nil && len(p) > 0 {
			err = io.EOF
		}
		return n, err
	})
}

// ReadAt implements [aiofs.File].
func (h *handle) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	return do(ctx, h, "read", aCall, func(d *Disk) (int, error) {
		if off < 0 {
			return 0, h.negative("readat")
		}
		n, err := h.read(d, p, off)
		if n < len(p) && err == nil {
			err = io.EOF
		}
		return n, err
	})
}

// negative is the error of package os for an offset below 0.
func (h *handle) negative(op string) error {
	return &fs.PathError{Op: op, Path: h.name, Err: errors.New("negative offset")}
}

// Write implements [aiofs.File].
func (h *handle) Write(ctx context.Context, p []byte) (int, error) {
	return inLine(ctx, h, "write", h.writeCost(), func(d *Disk) (int, error) {
		if h.flag&os.O_APPEND != 0 && h.node.file != nil {
			h.offset = int64(len(h.node.file.cache))
		}
		n, err := h.write(ctx, d, p, h.offset)
		h.offset += int64(n)
		return n, err
	})
}

// errAppending is that of package os, which has no name for it.
var errAppending = errors.New("os: invalid use of WriteAt on file opened with O_APPEND")

// WriteAt implements [aiofs.File].
func (h *handle) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	return do(ctx, h, "write", h.writeCost(), func(d *Disk) (int, error) {
		switch {
		case h.flag&os.O_APPEND != 0:
			return 0, errAppending
		case off < 0:
			return 0, h.negative("writeat")
		}
		return h.write(ctx, d, p, off)
	})
}

// writeCost is more where each write is synced.
func (h *handle) writeCost() cost {
	if h.flag&os.O_SYNC != 0 {
		return aSync
	}
	return aCall
}

// Seek implements [aiofs.File].
func (h *handle) Seek(ctx context.Context, offset int64, whence int) (int64, error) {
	return inLine(ctx, h, "seek", aCall, func(*Disk) (int64, error) {
		switch whence {
		case io.SeekStart:
		case io.SeekCurrent:
			offset += h.offset
		case io.SeekEnd:
			offset += h.node.info("").Size()
		default:
			return 0, syscall.EINVAL
		}
		if offset < 0 {
			return 0, syscall.EINVAL
		}
		h.offset = offset
		return offset, nil
	})
}

// Truncate implements [aiofs.File].
func (h *handle) Truncate(ctx context.Context, size int64) error {
	_, err := do(ctx, h, "truncate", aCall, func(d *Disk) (struct{}, error) {
		if size < 0 || !writable(h.flag) {
			return struct{}{}, syscall.EINVAL
		}
		h.node.mod = asyncio.Now(ctx)
		return struct{}{}, d.setSize(h.node, size)
	})
	return err
}

// Sync implements [aiofs.File].
func (h *handle) Sync(ctx context.Context) error {
	d := h.mount.disk
	seq := d.seq // what is written from here on is not meant
	_, err := do(ctx, h, "sync", aSync, func(d *Disk) (struct{}, error) {
		return struct{}{}, d.sync(h.node, h.name, seq)
	})
	return err
}

// Stat implements [aiofs.File].
func (h *handle) Stat(ctx context.Context) (fs.FileInfo, error) {
	return do(ctx, h, "stat", aCall, func(*Disk) (fs.FileInfo, error) {
		return h.node.info(path.Base(filepath.ToSlash(h.name))), nil
	})
}

// Close implements [aiofs.File]. The file is closed before the wait, since the task may
// be ended by force in it.
func (h *handle) Close(ctx context.Context) error {
	if h.closed || h.mount.dead {
		h.closed = true
		return wrap("close", h.name, fs.ErrClosed)
	}
	h.closed = true
	h.node.open--
	h.mount.disk.free(h.node)
	err := h.mount.wait(context.WithoutCancel(ctx), aCall)
	if err == errDead {
		err = fs.ErrClosed
	}
	return wrap("close", h.name, err)
}
