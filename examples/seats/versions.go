package main

import (
	"context"
	"slices"

	"github.com/goasyncio/asyncio/aiofs"
)

// A seller gives a customer a seat.
type seller func(ctx context.Context, b *book, customer string) (seat int, err error)

// Newest is the version without known bugs.
const Newest = 4

var versions = [...]seller{1: sell1, 2: sell2, 3: sell3, Newest: sell4}

func sell1(ctx context.Context, b *book, customer string) (int, error) {
	seat, err := b.free(ctx)
	if err != nil {
		return 0, err
	}
	if err := b.lock.Acquire(ctx); err != nil {
		return 0, err
	}
	defer b.lock.Release()
	return seat, b.write(ctx, seat, customer, aiofs.WriteFile)
}

func sell2(ctx context.Context, b *book, customer string) (int, error) {
	if err := b.lock.Acquire(ctx); err != nil { // to look and to write
		return 0, err
	}
	defer b.lock.Release()
	seat := len(b.sold) + 1
	return seat, b.write(ctx, seat, customer, aiofs.WriteFile)
}

func sell3(ctx context.Context, b *book, customer string) (int, error) {
	if err := b.lock.Acquire(ctx); err != nil {
		return 0, err
	}
	defer b.lock.Release()
	seat := len(b.sold) + 1
	return seat, b.write(ctx, seat, customer, aiofs.WriteFileAtomic) // synced; all of it or nothing
}

func sell4(ctx context.Context, b *book, customer string) (int, error) {
	if err := b.lock.Acquire(ctx); err != nil {
		return 0, err
	}
	defer b.lock.Release()
	if i := slices.Index(b.sold, customer); i >= 0 { // who asks again has one
		return i + 1, nil
	}
	seat := len(b.sold) + 1
	return seat, b.write(ctx, seat, customer, aiofs.WriteFileAtomic)
}
