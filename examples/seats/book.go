package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

// A book is who has which seat: in memory, and in a file with a name per line.
type book struct {
	fsys aiofs.FS // in a simulated world the disk of the host
	file string
	lock asyncio.Lock
	sold []string // the customer of seat 1, of seat 2 …
}

// openBook reads what is in the file.
func openBook(ctx context.Context, file string) (*book, error) {
	b := &book{fsys: aiofs.FromContext(ctx), file: file}
	text, err := aiofs.ReadFile(ctx, b.fsys, file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	b.sold = strings.Fields(string(text))
	return b, nil
}

// free is the next seat.
func (b *book) free(ctx context.Context) (int, error) {
	if err := b.lock.Acquire(ctx); err != nil {
		return 0, err
	}
	defer b.lock.Release()
	return len(b.sold) + 1, nil
}

// write sells a seat: it writes the file as it is to be. The caller has the lock.
func (b *book) write(ctx context.Context, seat int, customer string, write func(context.Context, aiofs.FS, string, []byte, fs.FileMode) error) error {
	sold := append(slices.Clone(b.sold[:seat-1]), customer)
	err := write(ctx, b.fsys, b.file, []byte(strings.Join(sold, "\n")+"\n"), 0o644)
	if err == nil {
		b.sold = sold
	}
	return err
}
