package aionet

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// fileChunk is how much of a file a thread sends before the loop has a say again, and so
// how much may still go out after a cancellation.
const fileChunk = 1 << 20

// sendFile sends a file of a disk from where it stands. done is false where the system
// cannot, and nothing was sent.
func (c *Conn) sendFile(ctx context.Context, f *os.File, limit int64) (sent int64, done bool, err error) {
	s := &c.socket
	system, ok := s.net.(driver.System)
	if !ok || c.kind.Type != driver.Stream || !onDisk(f) {
		return 0, false, nil
	}
	if err := s.enter(ctx, &s.out); err != nil {
		return 0, true, c.fail("readfrom", err)
	}
	if s.partial {
		return 0, true, ErrPartialWrite
	}
	for sent < limit {
		var n int
		if n, err = s.sendSome(ctx, system, f, int(min(limit-sent, fileChunk))); err == errEndOfFile {
			return sent, true, nil
		}
		if cannot(err) && sent == 0 {
			return 0, false, nil
		}
		if sent += int64(n); err != nil {
			s.partial = s.partial || sent > 0 && ctx.Err() != nil
			return sent, true, c.fail("readfrom", wrapCall("sendfile", err))
		}
	}
	return sent, true, nil
}

var errEndOfFile = errors.New("asyncio: the end of the file")

// sendSome waits until there is room, and has a thread send up to count bytes, which
// waits for the disk and never for the room. It has a number of its own for the socket,
// for the loop may close the socket meanwhile, and the system give the number to
// somebody else.
func (s *socket) sendSome(ctx context.Context, system driver.System, f *os.File, count int) (n int, err error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return 0, err
	}
	if !s.out.ready {
		return 0, s.await(ctx, &s.out)
	}
	dup, err := system.Duplicate(s.fd)
	if err != nil {
		return 0, err
	}
	loan := &loan{system: s.net, fd: dup}
	defer loan.end()
	s.out.ready = false // an event from now on counts
	err = s.hold(&s.out, func() (err error) {
		n, err = offLoop(ctx, func() (int, error) { return loan.send(system, f, count) })
		return err
	})
	if err == syscall.EAGAIN {
		err = nil
	} else {
		s.out.ready = true
	}
	if err == nil {
		err = s.usable(&s.out)
	}
	return n, err
}

// send is for the thread: it sends until the socket would block.
func (l *loan) send(system driver.System, f *os.File, count int) (sent int, err error) {
	if !l.begin() {
		return 0, nil
	}
	defer l.close()
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(from uintptr) {
		for sent < count && err == nil {
			var n int
			n, err = system.SendFile(l.fd, from, count-sent)
			sent += n
			if n == 0 && err == nil {
				err = errEndOfFile
			}
		}
	})
	if sent > 0 && err == errEndOfFile {
		err = nil // the next call will find it
	}
	if failed != nil {
		return sent, failed
	}
	return sent, err
}

// A loan is a descriptor that belongs to a thread once that has begun, and to the loop
// where it never does.
type loan struct {
	system driver.Network
	fd     int
	taken  atomic.Bool
}

func (l *loan) begin() bool { return !l.taken.Swap(true) }

func (l *loan) close() { l.system.CloseSocket(l.fd) }

// end is for the loop.
func (l *loan) end() {
	if l.begin() {
		l.close()
	}
}

// onDisk tells a file for which nobody can wait but a thread, which is not long.
func onDisk(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// cannot tells that the system does not do this with these.
func cannot(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL)
}

// maxFileCalls bounds the threads that wait for disks on behalf of connections.
const maxFileCalls = 16

type fileCallsKey struct{}

// fileCalls are two bounds of the same size: who has passed the first, where a
// cancellation still counts, finds the second free.
type fileCalls struct{ first, second *asyncio.CapacityLimiter }

// offLoop does f, which does not take long, on a thread, and waits for it whatever
// happens to ctx meanwhile: f uses what belongs to the caller. A cancellation before f
// begins is one of the wait.
func offLoop[T any](ctx context.Context, f func() (T, error)) (zero T, err error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return zero, asyncio.ErrNoLoop
	}
	calls := p.Local(fileCallsKey{}, func() any {
		return &fileCalls{asyncio.NewCapacityLimiter(maxFileCalls), asyncio.NewCapacityLimiter(maxFileCalls)}
	}).(*fileCalls)
	turn := new(byte)
	if err := calls.first.AcquireOnBehalfOf(ctx, turn); err != nil {
		return zero, err
	}
	defer calls.first.ReleaseOnBehalfOf(turn)
	return asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return f() },
		asyncio.ThreadLimiter(calls.second))
}

// readFile reads from a file off the loop. What is not on a disk may take for ever:
// then a cancellation leaves the thread behind, with a buffer of its own.
func readFile(ctx context.Context, f *os.File, p []byte) (int, error) {
	if onDisk(f) {
		return offLoop(ctx, func() (int, error) { return f.Read(p) })
	}
	got, err := asyncio.ToThread(ctx, func(context.Context) ([]byte, error) {
		buf := make([]byte, len(p))
		n, err := f.Read(buf)
		return buf[:n], err
	})
	return copy(p, got), err
}
