package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// What asyncio's own scenarios of streams show here, by their IDs. H05, H12, H17 and
// H22 are about protocols and buffers that do not exist here; H14 and H23 are in
// package aioexec. docs/from-python.md says where the outcome differs, and why.

// readerOf makes a reader of what a peer has written before it closed.
func readerOf(ctx context.Context, t *testing.T, text string, limit int) *aionet.Reader {
	t.Helper()
	a, b := aionet.Pipe(ctx, 1024)
	write(ctx, t, a, text)
	a.Close()
	t.Cleanup(func() { b.Close() })
	return aionet.NewReader(b, limit)
}

// asyncio: IncompleteReadError(b'abc', expected 5), the rest by readline, b” at the
// end. Here an end without a byte is io.EOF.
func TestH01_TheEndOfAStream(t *testing.T) {
	virtually(t, "ReadExactly tells what came", func(ctx context.Context, t *testing.T) {
		r := readerOf(ctx, t, "abc", 0)
		var short *aionet.IncompleteReadError
		if _, err := r.ReadExactly(ctx, 5); !errors.As(err, &short) || string(short.Partial) != "abc" || short.Expected != 5 {
			t.Errorf("error %v, %+v", err, short)
		}
	})
	virtually(t, "ReadUntil too", func(ctx context.Context, t *testing.T) {
		r := readerOf(ctx, t, "abc", 0)
		var short *aionet.IncompleteReadError
		if _, err := r.ReadUntil(ctx, []byte("\n")); !errors.As(err, &short) || string(short.Partial) != "abc" || short.Expected != 0 {
			t.Errorf("error %v, %+v", err, short)
		}
	})
	virtually(t, "ReadLine gives what there is, and then io.EOF", func(ctx context.Context, t *testing.T) {
		r := readerOf(ctx, t, "abc", 0)
		if line, err := r.ReadLine(ctx); string(line) != "abc" || err != nil {
			t.Errorf("line %q, error %v", line, err)
		}
		for range 2 { // the end stays
			if n, err := r.ReadContext(ctx, make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("read %d, error %v", n, err)
			}
		}
		if _, err := r.ReadExactly(ctx, 5); err != io.EOF {
			t.Errorf("ReadExactly after the end: %v", err)
		}
	})
}

// asyncio: readuntil keeps the line in the buffer, readline drops it. Here both keep it.
func TestH02_ALineAboveTheLimitStaysInTheBuffer(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		r := readerOf(ctx, t, "0123456789\nz\n", 5)
		var long *aionet.LimitError
		for range 2 {
			if _, err := r.ReadLine(ctx); !errors.As(err, &long) || long.Limit != 5 {
				t.Fatalf("error %v", err)
			}
		}
		if line, err := r.ReadExactly(ctx, 11); string(line) != "0123456789\n" || err != nil {
			t.Errorf("the line is %q, error %v", line, err)
		}
		if line, err := r.ReadLine(ctx); string(line) != "z\n" || err != nil {
			t.Errorf("the next line is %q, error %v", line, err)
		}
	})
}

func TestH03_ASecondReaderIsRefused(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 100)
		defer a.Close()
		defer b.Close()
		r := aionet.NewReader(b, 0)
		first := asyncio.CreateTask(ctx, r.ReadLine)
		asynciotest.WaitIdle(ctx)
		_, err := r.ReadLine(ctx)
		wantErr(t, "the second reader", err, asyncio.ErrBusy)
		write(ctx, t, a, "line\n")
		if line, err := first.Await(ctx); string(line) != "line\n" || err != nil {
			t.Errorf("the first got %q, error %v", line, err)
		}
	})
}

func TestH04_ACancelledReadLosesNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 100)
		defer a.Close()
		defer b.Close()
		r := aionet.NewReader(b, 0)
		reading := asyncio.CreateTask(ctx, func(ctx context.Context) ([]byte, error) { return r.ReadExactly(ctx, 4) })
		write(ctx, t, a, "ab")
		asynciotest.WaitIdle(ctx)
		reading.Cancel(nil)
		_, err := reading.Await(ctx)
		wantErr(t, "the reader", err, asyncio.ErrTaskCancelled)
		write(ctx, t, a, "cd")
		if got, err := r.ReadExactly(ctx, 4); string(got) != "abcd" || err != nil {
			t.Errorf("got %q, error %v", got, err)
		}
	})
}

// asyncio: write never waits, drain does. Here a write waits until all of it is taken.
func TestH06_AWriterWaitsForItsPeer(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 100)
		defer a.Close()
		defer b.Close()
		writing := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return a.WriteContext(ctx, make([]byte, 150)) })
		asynciotest.WaitIdle(ctx)
		before := writing.Done()
		if _, err := io.ReadFull(b, make([]byte, 150)); err != nil {
			t.Error(err)
		}
		asynciotest.WaitIdle(ctx)
		if got := []bool{before, writing.Done()}; !slices.Equal(got, []bool{false, true}) {
			t.Errorf("done before and after the peer has read: %v", got)
		}
	})
}

// much is more than any system buffers between two sockets.
const much = 16 << 20

func TestH07_CloseDeliversAndAbortDrops(t *testing.T) {
	for name, end := range map[string]func(aionet.Stream) error{"close": aionet.Stream.Close, "abort": aionet.Stream.Abort} {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				a, b, err := connectedPair(ctx, t, "tcp4")
				if err != nil {
					return err
				}
				defer b.Close()
				sent := make(chan error, 1)
				sending := asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := a.WriteContext(ctx, make([]byte, much))
					sent <- errors.Join(err, end(a))
					return nil
				})
				got := 0
				buf := make([]byte, 64<<10)
				for name == "close" || got == 0 { // of what is aborted the peer reads a little
					n, err := b.ReadContext(ctx, buf)
					got += n
					if err != nil {
						break
					}
				}
				if name == "abort" {
					sending.Cancel(nil) // its write returns, and the connection is aborted
				}
				sending.Await(ctx)
				if err := <-sent; (err != nil) != (name == "abort") {
					t.Errorf("the sender: %v", err)
				}
				rest, err := io.ReadAll(b)
				got += len(rest)
				if (got == much) != (name == "close") || (err != nil) != (name == "abort") {
					t.Errorf("the peer got %d bytes, then %v", got, err)
				}
				return nil
			})
		})
	}
}

// asyncio: the first drain after a reset says nothing, later ones BrokenPipeError. Here
// a write fails as soon as the system knows of the reset.
func TestH08_H18_WritesToAPeerThatHasResetFail(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		defer b.Close()
		if err := a.Abort(); err != nil {
			return err
		}
		if _, err := b.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the read: %v", err)
		}
		for i := range 1000 { // a driver that writes behind knows a little later
			if _, err = b.WriteContext(ctx, []byte("x")); err != nil || i == 999 {
				break
			}
			asyncio.Sleep(ctx, time.Millisecond)
		}
		if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the writes: %v", err)
		}
		return nil
	})
}

// asyncio: close() stops listening, connections live on, wait_closed waits for them,
// close_clients ends them. Here these are Shutdown, and Close.
func TestH09_TheEndOfAServer(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 0, 100)
		s := &aionet.Server{Handler: echo}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		c, err := l.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		say(ctx, t, c, "before")
		closing := asyncio.Go(ctx, s.Shutdown)
		asynciotest.WaitIdle(ctx)
		if _, err := l.Dial(ctx); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a new client: %v", err)
		}
		if got := say(ctx, t, c, "a"); got != "a" || closing.Done() {
			t.Errorf("the old one got %q, and Shutdown has returned: %v", got, closing.Done())
		}
		s.Close()
		if _, err := closing.Await(ctx); err != nil {
			t.Error(err)
		}
		server.Await(ctx)
		if _, err := c.ReadContext(ctx, make([]byte, 1)); err == nil {
			t.Error("Close has left a client connected")
		}
	})
}

func TestH10_AHalfClosedStreamStillReceives(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		defer a.Close()
		defer b.Close()
		answering := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			question, err := io.ReadAll(aionet.Bind(ctx, b))
			write(ctx, t, b, "a")
			return string(question), err
		})
		write(ctx, t, a, "q")
		if err := a.CloseWrite(); err != nil {
			return err
		}
		wantRead(ctx, t, a, "a")
		if question, err := answering.Await(ctx); question != "q" || err != nil {
			t.Errorf("the peer got %q, error %v", question, err)
		}
		return nil
	})
}

func TestH11_AClosedPortRefuses(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		l.Close()
		c, err := aionet.Dial(ctx, "tcp4", l.Addr().String())
		var op *net.OpError
		if c != nil || !errors.As(err, &op) || op.Op != "dial" || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("connected to %v, error %v", c, err)
		}
		return nil
	})
}

func TestH13_AnErrorOfAHandlerIsReportedAndTheClientSeesTheEnd(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var reports []asyncio.Report
		s := &aionet.Server{
			Handler: func(context.Context, aionet.Stream) error { return errors.New("h") },
			OnError: func(r asyncio.Report) { reports = append(reports, r) },
		}
		l := aionet.ListenMemory(ctx, "server", 0, 100)
		server := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		c, err := l.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if n, err := c.ReadContext(ctx, make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("the client read %d bytes, error %v", n, err)
		}
		if len(reports) != 1 || reports[0].Err == nil || reports[0].Err.Error() != "h" || !strings.Contains(reports[0].Message, "has failed") {
			t.Errorf("reports: %+v", reports)
		}
		s.Close()
		server.Await(ctx)
	})
}

func TestH15_DatagramsAreWholeInOrderAndMayBeEmpty(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		server, err := aionet.ListenPacket(ctx, "udp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer server.Close()
		client, err := aionet.DialPacket(ctx, "udp4", server.LocalAddr().String())
		if err != nil {
			return err
		}
		defer client.Close()
		want := []string{"a", "", "ccc"}
		for _, text := range want {
			if _, err := client.WriteContext(ctx, []byte(text)); err != nil {
				return err
			}
		}
		var got []string
		for range want {
			text, err := readString(ctx, server, 100)
			if err != nil {
				return err
			}
			got = append(got, text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		return nil
	})
}

func TestH16_ACancelledReadOfASocketTakesNothing(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		defer a.Close()
		defer b.Close()
		within, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
		defer timeout.Cancel()
		if _, err := b.ReadContext(within, make([]byte, 10)); !timeout.Caused(err) {
			t.Errorf("the cancelled read: %v", err)
		}
		write(ctx, t, a, "later")
		wantRead(ctx, t, b, "later")
		return nil
	})
}

// asyncio: a write after close() is dropped, and from the fifth on there is a warning.
func TestH19_AWriteAfterCloseFails(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b, err := connectedPair(ctx, t, "tcp4")
		if err != nil {
			return err
		}
		defer b.Close()
		a.Close()
		for range 7 {
			n, err := a.WriteContext(ctx, []byte("x"))
			if n != 0 || !errors.Is(err, net.ErrClosed) {
				t.Errorf("wrote %d bytes, error %v", n, err)
			}
		}
		return nil
	})
}

func TestH20_AReadReturnsWhatThereIs(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 100)
		defer a.Close()
		defer b.Close()
		write(ctx, t, a, "ab")
		r := aionet.NewReader(b, 0)
		if got, err := readString(ctx, r, 10); got != "ab" || err != nil {
			t.Errorf("read %q, error %v", got, err)
		}
		if got, err := readString(ctx, r, 0); got != "" || err != nil { // and does not wait
			t.Errorf("a read of nothing gave %q, error %v", got, err)
		}
	})
}

// asyncio: a reader stops the transport above twice its limit. Here nothing is read
// that nobody has asked for.
func TestH21_AReaderHoldsUpAPeerThatIsFaster(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 100)
		defer b.Close()
		sent := 0
		sending := asyncio.Go(ctx, func(ctx context.Context) error {
			defer a.Close()
			for ; sent < 300_000; sent += 50 {
				if _, err := a.WriteContext(ctx, make([]byte, 50)); err != nil {
					return err
				}
			}
			return nil
		})
		r := aionet.NewReader(b, 100)
		if _, err := r.ReadExactly(ctx, 10); err != nil {
			t.Error(err)
		}
		asyncio.Sleep(ctx, time.Hour)
		if sent > 500 {
			t.Errorf("%d bytes were sent to a reader that has taken 10", sent)
		}
		rest, err := r.ReadAll(ctx, 300_000)
		if len(rest) != 300_000-10 || err != nil {
			t.Errorf("then %d bytes came, error %v", len(rest), err)
		}
		sending.Await(ctx)
	})
}
