package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/goasyncio/asyncio"
)

// closeCases are about the end of a stream by its own side.
var closeCases = []streamCase{
	{"Close ends a read that waits, with net.ErrClosed", 0, closeEndsRead},
	{"Close ends a write that waits, with net.ErrClosed", Packets, closeEndsWrite},
	{"Close ends a read and a write that wait at the same time", Packets, closeEndsBoth},
	{"Close may be called again, by several tasks at once, and after Abort", 0, closeTwice},
	{"every use after Close fails with net.ErrClosed", 0, useAfterClose},
	{"a cancelled task can close", 0, closeWhileCancelled},
	{"the addresses are known, and stay so after Close", 0, addresses},
	{"after Abort the peer gets an error and no end", NoReset | Unbuffered, abortResets},
	{"Abort ends a read and a write that wait, and does not wait for the peer", Packets, abortEndsBoth},
	{"every use after Abort fails with net.ErrClosed", 0, useAfterAbort},
}

func closeEndsRead(ctx context.Context, p *pair) error {
	read, err := begin(ctx, plain(p.a.Read), make([]byte, 10))
	if err != nil {
		return err
	}
	return errors.Join(p.a.Close(), closedOutcome(ctx, read))
}

// closedOutcome checks that a wait has ended with net.ErrClosed.
func closedOutcome(ctx context.Context, task *asyncio.Task[outcome]) error {
	got, err := task.Await(ctx)
	if err != nil {
		return err
	}
	return wants("a wait when its stream was closed", got.err, net.ErrClosed)
}

func closeEndsWrite(ctx context.Context, p *pair) error {
	write, err := begin(ctx, p.a.WriteContext, flood())
	if err != nil {
		return err
	}
	return errors.Join(p.a.Close(), closedOutcome(ctx, write))
}

// stuck starts a read and a write on s, neither of which can go on.
func stuck(ctx context.Context, s Stream) (read, write *asyncio.Task[outcome], err error) {
	if read, err = begin(ctx, s.ReadContext, make([]byte, 10)); err != nil {
		return nil, nil, err
	}
	write, err = begin(ctx, plain(s.Write), flood())
	return read, write, err
}

func closeEndsBoth(ctx context.Context, p *pair) error {
	read, write, err := stuck(ctx, p.a)
	if err != nil {
		return err
	}
	return errors.Join(p.a.Close(), closedOutcome(ctx, read), closedOutcome(ctx, write))
}

func closeTwice(ctx context.Context, p *pair) error {
	if err := p.a.Close(); err != nil {
		return err
	}
	shut := func(context.Context) error { return again(p.a.Close()) }
	if err := together(ctx, shut, shut); err != nil {
		return err
	}
	return errors.Join(p.b.Abort(), again(p.b.Close()), again(p.b.Abort()), again(p.a.Abort()))
}

// again is the error of a second Close, which does nothing and may say so.
func again(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func useAfterClose(ctx context.Context, p *pair) error {
	if err := p.a.Close(); err != nil {
		return err
	}
	return allClosed(ctx, p.a)
}

// allClosed checks that every method tells that the stream is closed, also where
// there would be nothing to do.
func allClosed(ctx context.Context, s Stream) error {
	all := []error{}
	check := func(what string, err error) { all = append(all, wants(what, err, net.ErrClosed)) }
	for _, buf := range [][]byte{make([]byte, 10), {}} {
		_, err := s.ReadContext(ctx, buf)
		check(fmt.Sprintf("ReadContext of %d bytes", len(buf)), err)
		_, err = s.WriteContext(ctx, buf)
		check(fmt.Sprintf("WriteContext of %d bytes", len(buf)), err)
	}
	_, err := s.Read(make([]byte, 10))
	check("Read", err)
	_, err = s.Write(make([]byte, 10))
	check("Write", err)
	at := asyncio.Now(ctx).Add(time.Hour)
	check("SetDeadline", s.SetDeadline(at))
	check("SetReadDeadline", s.SetReadDeadline(time.Time{}))
	check("SetWriteDeadline", s.SetWriteDeadline(at))
	if s.CloseWrite() == nil { // of a kind without it the error may be another
		all = append(all, errors.New("CloseWrite of a closed stream has not failed"))
	}
	return errors.Join(all...)
}

func closeWhileCancelled(ctx context.Context, p *pair) error {
	closer := asyncio.Go(ctx, func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, time.Hour); err == nil {
			return errors.New("slept")
		}
		return p.a.Close()
	})
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	closer.Cancel(errSuite)
	if _, err := closer.Await(ctx); err != nil && !errors.Is(err, asyncio.ErrTaskCancelled) {
		return err
	}
	if n, err := p.b.ReadContext(ctx, make([]byte, 10)); n != 0 || err != io.EOF {
		return fmt.Errorf("the peer has read %d, %v; want io.EOF", n, err)
	}
	return allClosed(ctx, p.a)
}

func addresses(_ context.Context, p *pair) error {
	for range 2 {
		for _, s := range []Stream{p.a, p.b} {
			for _, addr := range []net.Addr{s.LocalAddr(), s.RemoteAddr()} {
				if addr == nil || addr.Network() == "" {
					return fmt.Errorf("an address is %v", addr)
				}
				_ = addr.String() // may be empty, must not panic
			}
		}
		if a, b := p.a.LocalAddr(), p.b.RemoteAddr(); a.String() != b.String() {
			return fmt.Errorf("one side calls itself %v and the other calls it %v", a, b)
		}
		if err := errors.Join(again(p.a.Close()), again(p.b.Close())); err != nil {
			return err
		}
	}
	return nil
}

func abortResets(ctx context.Context, p *pair) error {
	// Data that the aborting side has not read: there are systems that need it to
	// make a reset of it. Its first byte is read, so that the rest has arrived.
	write, err := begin(ctx, p.b.WriteContext, []byte("never read"))
	if err != nil {
		return err
	}
	if err := expect(ctx, p.a, []byte("n")); err != nil {
		return err
	}
	if p.traits&Packets != 0 { // the rest of that one is lost
		if err := send(ctx, p.b, []byte("never read")); err != nil {
			return err
		}
	}
	if err := p.a.Abort(); err != nil {
		return err
	}
	wrote, err := write.Await(ctx)
	if err != nil {
		return err
	}
	if _, err := readAll(ctx, p.b); err == nil && wrote.err == nil || ctx.Err() != nil {
		return fmt.Errorf("the peer of an aborted stream has met no error: %v", err)
	}
	return failsInTheEnd(ctx, p.b)
}

func abortEndsBoth(ctx context.Context, p *pair) error {
	read, write, err := stuck(ctx, p.a)
	if err != nil {
		return err
	}
	return errors.Join(p.a.Abort(), closedOutcome(ctx, read), closedOutcome(ctx, write))
}

func useAfterAbort(ctx context.Context, p *pair) error {
	if err := p.a.Abort(); err != nil {
		return err
	}
	return allClosed(ctx, p.a)
}
