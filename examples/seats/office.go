package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// An Office sells seats.
type Office struct {
	Listen  string // address
	File    string // who has which seat
	Version int    // of how seats are sold: see versions.go
}

// Run opens the office until ctx ends. It is what main runs, and what the hosts of
// simulated worlds run.
func (o Office) Run(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return err
	}
	return o.Serve(ctx, l)
}

// Serve is Run with a listener, which it closes.
func (o Office) Serve(ctx context.Context, l *aionet.Listener) error {
	defer l.Close()
	b, err := openBook(ctx, o.File)
	if err != nil {
		return err
	}
	sell := versions[o.Version]
	s := &aionet.Server{
		Handler: func(ctx context.Context, c aionet.Stream) error { return answer(ctx, c, b, sell) },
		OnError: func(asyncio.Report) {}, // the customer asks again
	}
	return s.Serve(ctx, l)
}

// answer reads a customer's name and answers with the seat.
func answer(ctx context.Context, c aionet.Stream, b *book, sell seller) error {
	line, err := aionet.NewReader(c, 100).ReadLine(ctx)
	if err != nil {
		return err
	}
	seat, err := sell(ctx, b, strings.TrimSpace(string(line)))
	if err != nil {
		return err
	}
	if sim.Sometimes("the office hangs up before it answers") {
		return io.ErrUnexpectedEOF
	}
	_, err = c.WriteContext(ctx, fmt.Appendln(nil, seat))
	return err
}
