package aionet_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestATLSStream(t *testing.T) {
	virtually(t, "carries bytes both ways, and ends with a close_notify", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		write(ctx, t, c, "ping")
		wantRead(ctx, t, s, "ping")
		write(ctx, t, s, "pong")
		wantRead(ctx, t, c, "pong")
		wantErr(t, "CloseWrite", c.CloseWrite(), nil)
		_, err := readString(ctx, s, 1)
		if err != io.EOF {
			t.Errorf("error %v, want a bare io.EOF", err)
		}
		write(ctx, t, s, "half-closed")
		wantRead(ctx, t, c, "half-closed")
		_, err = c.WriteContext(ctx, []byte("x"))
		wantErr(t, "write after CloseWrite", err, syscall.EPIPE)
		wantErr(t, "Close", c.Close(), nil)
		wantErr(t, "second Close", c.Close(), net.ErrClosed)
		wantErr(t, "Close of the server", s.Close(), nil)
	})
	virtually(t, "agrees on a protocol and shows the certificate", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		state := c.ConnectionState()
		if state.NegotiatedProtocol != "test/1" || s.ConnectionState().NegotiatedProtocol != "test/1" {
			t.Errorf("protocol %q", state.NegotiatedProtocol)
		}
		wantErr(t, "VerifyHostname", c.VerifyHostname("test.example"), nil)
		if c.VerifyHostname("other.example") == nil {
			t.Error("the certificate is valid for another host")
		}
	})
	virtually(t, "carries 1 MiB both ways at the same time, through any buffer", func(ctx context.Context, t *testing.T) {
		for _, size := range []int{0, 1000, aionet.DefaultBuffer} {
			c, s := tlsPipe(ctx, t, size)
			bothWays(ctx, t, c, s, 1<<20)
		}
	})
	virtually(t, "can be carried by another TLS stream", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 1000)
		c, s, err := tlsOver(ctx, c, s, clientConfig(), serverConfig())
		if err != nil {
			t.Fatal(err)
		}
		bothWays(ctx, t, c, s, 1<<18)
	})
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		virtually(t, "resumes a session with "+tls.VersionName(version), func(ctx context.Context, t *testing.T) {
			client, server := clientConfig(), serverConfig()
			client.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			client.MaxVersion = version
			for round := range 2 {
				a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
				c, s, err := tlsOver(ctx, a, b, client, server)
				if err != nil {
					t.Fatal(err)
				}
				write(ctx, t, s, "hello") // with TLS 1.3 the ticket comes before it
				wantRead(ctx, t, c, "hello")
				if resumed := c.ConnectionState().DidResume; resumed != (round > 0) {
					t.Errorf("round %d: resumed: %v", round, resumed)
				}
			}
		})
	}
	virtually(t, "lets both ends write first, also without a buffer between them", func(ctx context.Context, t *testing.T) {
		// The server's session tickets wait for the client to read, which writes.
		c, s := tlsPipe(ctx, t, 0)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, c, "question"); return nil })
		wantRead(ctx, t, s, "question")
		w.Await(ctx)
		w = asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, s, "answer"); return nil })
		wantRead(ctx, t, c, "answer")
		w.Await(ctx)
	})
}

func TestATLSHandshake(t *testing.T) {
	virtually(t, "G3: with a silent peer ends at its deadline", func(ctx context.Context, t *testing.T) {
		start := asyncio.Now(ctx)
		_, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		_, err := aionet.TLSServer(ctx, b, serverConfig())
		wantErr(t, "TLSServer", err, os.ErrDeadlineExceeded)
		if e, ok := err.(net.Error); !ok || !e.Timeout() {
			t.Errorf("%v is no timeout of package net", err)
		}
		if took := asyncio.Now(ctx).Sub(start); took != aionet.DefaultHandshakeTimeout {
			t.Errorf("it took %v", took)
		}
		_, err = b.WriteContext(ctx, nil)
		wantErr(t, "the stream", err, net.ErrClosed)
	})
	virtually(t, "G3: with a peer that sends a byte every five seconds ends at its deadline", func(ctx context.Context, t *testing.T) {
		start := asyncio.Now(ctx)
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		drip := asyncio.Go(ctx, func(ctx context.Context) error {
			for _, c := range []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") {
				if _, err := a.WriteContext(ctx, []byte{c}); err != nil {
					return nil
				}
				asyncio.Sleep(ctx, 5*time.Second)
			}
			return nil
		})
		_, err := aionet.TLSServer(ctx, b, serverConfig(), aionet.HandshakeTimeout(12*time.Second))
		wantErr(t, "TLSServer", err, os.ErrDeadlineExceeded)
		if took := asyncio.Now(ctx).Sub(start); took != 12*time.Second {
			t.Errorf("it took %v", took)
		}
		drip.Await(ctx)
	})
	virtually(t, "that is cancelled returns the cancellation and closes the stream", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 0)
		bound, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_, err := aionet.TLSClient(bound, a, clientConfig())
		if !timeout.Caused(err) {
			t.Errorf("error %v, want the caller's timeout", err)
		}
		wantErr(t, "Close of the stream", a.Close(), net.ErrClosed)
	})
	virtually(t, "with a certificate that is not trusted tells both sides", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		client := clientConfig()
		client.ServerName = "other.example"
		_, _, err := tlsOver(ctx, a, b, client, serverConfig())
		var name x509.HostnameError
		var alert *net.OpError
		if !errors.As(err, &name) || !errors.As(err, &alert) || alert.Op != "remote error" {
			t.Errorf("error %v, want the client's reason and the server's alert", err)
		}
	})
	virtually(t, "with a peer that goes away is cut off", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		a.Close()
		_, err := aionet.TLSServer(ctx, b, serverConfig())
		wantErr(t, "TLSServer", err, io.ErrUnexpectedEOF)
	})
	virtually(t, "with a peer that does not speak TLS fails as crypto/tls says", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		write(ctx, t, a, "GET / HTTP/1.1\r\n\r\n")
		_, err := aionet.TLSServer(ctx, b, serverConfig())
		var header tls.RecordHeaderError
		if !errors.As(err, &header) {
			t.Errorf("error %v", err)
		}
	})
	virtually(t, "refuses renegotiation, and no config at all", func(ctx context.Context, t *testing.T) {
		a, _ := aionet.Pipe(ctx, 0)
		config := clientConfig()
		config.Renegotiation = tls.RenegotiateFreelyAsClient
		if _, err := aionet.TLSClient(ctx, a, config); err == nil || !strings.Contains(err.Error(), "renegotiation") {
			t.Errorf("error %v", err)
		}
		if _, err := aionet.TLSClient(ctx, a, nil); err == nil {
			t.Error("no error without a config")
		}
	})
	virtually(t, "runs the config's functions on the loop, where they may wait", func(ctx context.Context, t *testing.T) {
		server := serverConfig()
		var certificates asyncio.Lock // anything that waits on the loop
		server.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if err := asyncio.Sleep(hello.Context(), time.Second); err != nil {
				return nil, err
			}
			if err := certificates.Acquire(hello.Context()); err != nil {
				return nil, err
			}
			defer certificates.Release()
			return nil, nil
		}
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		start := asyncio.Now(ctx)
		if _, _, err := tlsOver(ctx, a, b, clientConfig(), server); err != nil {
			t.Error(err)
		}
		if took := asyncio.Now(ctx).Sub(start); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
	t.Run("needs a loop", func(t *testing.T) {
		mine, theirs := net.Pipe()
		defer theirs.Close()
		_, err := aionet.TLSClient(context.Background(), offLoop{mine}, clientConfig())
		wantErr(t, "TLSClient", err, asyncio.ErrNoLoop)
	})
}

// offLoop is a stream of package net.
type offLoop struct{ net.Conn }

func (s offLoop) ReadContext(_ context.Context, p []byte) (int, error)  { return s.Read(p) }
func (s offLoop) WriteContext(_ context.Context, p []byte) (int, error) { return s.Write(p) }
func (s offLoop) CloseWrite() error                                     { return nil }
func (s offLoop) Abort() error                                          { return s.Close() }

func TestATLSStreamThatIsCutOff(t *testing.T) {
	virtually(t, "G4: gives io.ErrUnexpectedEOF, after what came before", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		write(ctx, t, c, "before")
		c.NetConn().Close()
		wantRead(ctx, t, s, "before")
		for range 2 {
			_, err := readString(ctx, s, 1)
			wantErr(t, "read", err, io.ErrUnexpectedEOF)
		}
	})
	virtually(t, "G4: in the middle of a record as well", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		a2, relay := aionet.Pipe(ctx, aionet.DefaultBuffer)
		stop := cutter(ctx, relay, a) // between a2 and b
		c, s, err := tlsOver(ctx, a2, b, clientConfig(), serverConfig())
		if err != nil {
			t.Fatal(err)
		}
		stop(10)
		write(ctx, t, c, "lost")
		_, err = readString(ctx, s, 1)
		wantErr(t, "read", err, io.ErrUnexpectedEOF)
	})
	virtually(t, "gives the peer's reset to both directions", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		wantErr(t, "Abort", c.Abort(), nil)
		_, err := readString(ctx, s, 1)
		wantErr(t, "read", err, syscall.ECONNRESET)
		_, err = s.WriteContext(ctx, []byte("x"))
		wantErr(t, "write", err, syscall.ECONNRESET)
		_, err = readString(ctx, c, 1)
		wantErr(t, "read of who aborted", err, net.ErrClosed)
	})
	virtually(t, "with one bit changed is refused, and the peer is told", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		record := append([]byte{23, 3, 3, 0, 20}, make([]byte, 20)...)
		c.NetConn().Write(record)
		_, err := readString(ctx, s, 1)
		if err == nil || !strings.Contains(err.Error(), "bad record MAC") {
			t.Errorf("error %v", err)
		}
		_, err = readString(ctx, c, 1)
		if err == nil || !strings.Contains(err.Error(), "bad record MAC") {
			t.Errorf("the peer's error is %v", err)
		}
	})
}

// cutter carries bytes between two streams both ways; after stop(n) it lets n bytes
// from x to y pass and closes y.
func cutter(ctx context.Context, x, y aionet.Stream) (stop func(n int)) {
	left := 1 << 30
	carry := func(from, to aionet.Stream, counted bool) {
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer to.Close()
			p := make([]byte, 4096)
			for {
				n, err := from.ReadContext(ctx, p)
				if counted {
					n = min(n, left)
					left -= n
				}
				if n > 0 {
					to.WriteContext(ctx, p[:n])
				}
				if err != nil || left == 0 {
					return nil
				}
			}
		})
	}
	carry(x, y, true)
	carry(y, x, false)
	return func(n int) { left = n }
}

func TestAReadOfTLS(t *testing.T) {
	virtually(t, "that is cancelled or times out can be repeated, be it within a record", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 1) // every byte is a wait
		c, s, err := tlsOver(ctx, a, b, clientConfig(), serverConfig())
		if err != nil {
			t.Fatal(err)
		}
		const text = "a message that takes many waits"
		w := asyncio.Go(ctx, func(ctx context.Context) error {
			for i := range text {
				write(ctx, t, c, text[i:i+1])
				asyncio.Sleep(ctx, time.Second)
			}
			return nil
		})
		var got string
		for n := 0; len(got) < len(text); n++ {
			var piece string
			var err error
			if n%2 == 0 {
				s.SetReadDeadline(asyncio.Now(ctx).Add(300 * time.Millisecond))
				piece, err = readString(ctx, s, 100)
				s.SetReadDeadline(time.Time{})
				if err != nil {
					wantErr(t, "read", err, os.ErrDeadlineExceeded)
				}
			} else {
				bound, timeout := asyncio.WithTimeout(ctx, 200*time.Millisecond)
				piece, err = readString(bound, s, 100)
				if err != nil && !timeout.Caused(err) {
					t.Error(err)
				}
				timeout.Cancel()
			}
			got += piece
		}
		if got != text {
			t.Errorf("got %q", got)
		}
		w.Await(ctx)
	})
	virtually(t, "N1: is for one task at a time, and so is a write", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 100)
		first := asyncio.Go(ctx, func(ctx context.Context) error { wantRead(ctx, t, c, "x"); return nil })
		asynciotest.WaitIdle(ctx)
		_, err := readString(ctx, c, 1)
		wantErr(t, "second reader", err, asyncio.ErrBusy)
		write(ctx, t, s, "x")
		first.Await(ctx)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, c, strings.Repeat("y", 1000)); return nil })
		asynciotest.WaitIdle(ctx)
		_, err = c.WriteContext(ctx, []byte("z"))
		wantErr(t, "second writer", err, asyncio.ErrBusy)
		io.ReadFull(s, make([]byte, 1000))
		w.Await(ctx)
	})
	virtually(t, "fails after its deadline even where there is something to read", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		write(ctx, t, c, "abc")
		readString(ctx, s, 1) // the rest is in the buffers of TLS
		s.SetDeadline(time.Unix(1, 0))
		n, err := s.ReadContext(ctx, make([]byte, 1))
		wantErr(t, "read", err, os.ErrDeadlineExceeded)
		m, err := s.WriteContext(ctx, []byte("x"))
		wantErr(t, "write", err, os.ErrDeadlineExceeded)
		if n+m > 0 {
			t.Error("bytes moved after the deadline")
		}
		s.SetDeadline(time.Time{})
		wantRead(ctx, t, s, "bc")
		write(ctx, t, s, "y")
		wantRead(ctx, t, c, "y")
	})
	virtually(t, "ends when another task closes the connection", func(ctx context.Context, t *testing.T) {
		c, _ := tlsPipe(ctx, t, aionet.DefaultBuffer)
		r := asyncio.Go(ctx, func(ctx context.Context) error { _, err := readString(ctx, c, 1); return err })
		asynciotest.WaitIdle(ctx)
		c.Close()
		_, err := r.Await(ctx)
		wantErr(t, "read", err, net.ErrClosed)
		_, err = readString(ctx, c, 1)
		wantErr(t, "read after Close", err, net.ErrClosed)
		wantErr(t, "CloseWrite after Close", c.CloseWrite(), net.ErrClosed)
		wantErr(t, "SetDeadline after Close", errors.Unwrap(c.SetWriteDeadline(time.Time{})), net.ErrClosed)
	})
}

func TestAWriteOfTLS(t *testing.T) {
	virtually(t, "N2: waits for its peer, and holds one chunk", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 1000)
		w := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return c.WriteContext(ctx, make([]byte, 1<<20)) })
		asynciotest.WaitIdle(ctx)
		w.Cancel(nil)
		w.Await(ctx)
		n, err := io.Copy(io.Discard, io.LimitReader(s, 64<<10))
		if n != 64<<10 || err != nil {
			t.Errorf("%d bytes came, error %v", n, err)
		}
		bound, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		if got, err := readString(bound, s, 1); !timeout.Caused(err) {
			t.Errorf("more than a chunk came: %q, error %v", got, err)
		}
		_, err = c.WriteContext(ctx, []byte("x"))
		wantErr(t, "write after one that was cancelled in the middle", err, aionet.ErrPartialWrite)
	})
	virtually(t, "that is cancelled when all of it is encrypted has happened, and reaches the peer", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 3)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			write(ctx, t, c, "all of it")
			wantErr(t, "the next wait", asyncio.Yield(ctx), context.Canceled)
			return nil
		})
		reader := asyncio.Go(ctx, func(ctx context.Context) error { // waits for an answer all the while
			wantRead(ctx, t, c, "answer")
			return nil
		})
		asynciotest.WaitIdle(ctx)
		task.Cancel(nil)
		wantRead(ctx, t, s, "all of it")
		write(ctx, t, s, "answer")
		reader.Await(ctx)
		more := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, c, " and more"); return nil })
		wantRead(ctx, t, s, " and more")
		more.Await(ctx)
	})
	virtually(t, "that times out tells how much is encrypted, and the next goes on there", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 1000)
		text := pattern(200<<10, 5)
		var sent int
		for range 3 {
			c.SetWriteDeadline(asyncio.Now(ctx).Add(time.Second))
			n, err := c.WriteContext(ctx, text[sent:])
			wantErr(t, "write", err, os.ErrDeadlineExceeded)
			sent += n
		}
		c.SetWriteDeadline(time.Time{})
		w := asyncio.Go(ctx, func(ctx context.Context) error {
			write(ctx, t, c, string(text[sent:]))
			return c.CloseWrite()
		})
		got, err := io.ReadAll(s)
		if !bytes.Equal(got, text) || err != nil {
			t.Errorf("%d bytes came, error %v", len(got), err)
		}
		w.Await(ctx)
	})
}

func TestMessagesOverTLSShareTheirBuffers(t *testing.T) {
	virtually(t, "so that one takes no new memory of its size", func(ctx context.Context, t *testing.T) {
		const size, messages = 48 << 10, 50
		c, s := tlsPipe(ctx, t, aionet.DefaultBuffer)
		p, q := make([]byte, size), make([]byte, size)
		exchange := func() {
			c.WriteContext(ctx, p)
			if _, err := io.ReadFull(s, q); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 { // the buffers find their sizes
			exchange()
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range messages {
			exchange()
		}
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) / messages; n > size/2 { // under the race detector a pool gives back less
			t.Errorf("a message of %d bytes takes %d bytes of new memory", size, n)
		}
	})
}

func TestClosingATLSStream(t *testing.T) {
	virtually(t, "G5: with data that the peer does not take ends at the shutdown's deadline", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 100, aionet.ShutdownTimeout(7*time.Second))
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, c, strings.Repeat("x", 500)); return nil })
		asynciotest.WaitIdle(ctx)
		w.Cancel(nil)
		w.Await(ctx)
		wantErr(t, "Close", c.Close(), nil) // returns at once
		asyncio.Sleep(ctx, 6*time.Second)
		if _, err := c.NetConn().Write(nil); errors.Is(err, net.ErrClosed) {
			t.Error("the stream was closed too early")
		}
		asyncio.Sleep(ctx, 2*time.Second)
		if err := c.NetConn().Close(); !errors.Is(err, net.ErrClosed) {
			t.Error("the stream is still open after the deadline")
		}
		_, err := io.ReadAll(s)
		wantErr(t, "the peer's read", err, io.ErrUnexpectedEOF)
	})
	virtually(t, "G5: sends what was written and the close_notify to a peer that is slow", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 100)
		w := asyncio.Go(ctx, func(ctx context.Context) error { write(ctx, t, c, strings.Repeat("x", 500)); return nil })
		asynciotest.WaitIdle(ctx)
		w.Cancel(nil)
		w.Await(ctx)
		c.Close()
		asyncio.Sleep(ctx, 3*time.Second)
		got, err := io.ReadAll(s)
		if len(got) != 500 || err != nil {
			t.Errorf("%d bytes came, error %v", len(got), err)
		}
	})
	virtually(t, "G5: sends it although a write deadline has passed", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 100)
		c.SetWriteDeadline(asyncio.Now(ctx).Add(time.Second))
		n, err := c.WriteContext(ctx, make([]byte, 500))
		wantErr(t, "write", err, os.ErrDeadlineExceeded)
		c.Close()
		got, err := io.ReadAll(s)
		if len(got) != n || err != nil {
			t.Errorf("%d bytes came of %d, error %v", len(got), n, err)
		}
	})
	t.Run("G5: the end of the program waits for it", func(t *testing.T) {
		var last string
		asynciotest.Run(t, func(ctx context.Context) {
			c, s := tlsPipe(ctx, t, 4)
			asyncio.Go(ctx, func(ctx context.Context) error {
				all, err := io.ReadAll(aionet.Bind(context.WithoutCancel(ctx), s))
				last = string(all)
				return err
			})
			write(ctx, t, c, "last words")
			c.Close()
		})
		if last != "last words" {
			t.Errorf("the peer got %q", last)
		}
	})
	virtually(t, "in the middle of a write cuts it off", func(ctx context.Context, t *testing.T) {
		c, s := tlsPipe(ctx, t, 100)
		w := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := c.WriteContext(ctx, make([]byte, 1000))
			return err
		})
		asynciotest.WaitIdle(ctx)
		c.Close()
		_, err := w.Await(ctx)
		wantErr(t, "write", err, net.ErrClosed)
		_, err = io.ReadAll(s)
		wantErr(t, "the peer's read", err, io.ErrUnexpectedEOF)
	})
}

func TestStartTLS(t *testing.T) {
	upgrade := func(ctx context.Context, t *testing.T, pipelined string) (c, s *aionet.TLSConn, err error) {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		server := asyncio.CreateTask(ctx, func(ctx context.Context) (*aionet.TLSConn, error) {
			r := aionet.NewReader(b, 0)
			wantPiece(t, "STARTTLS\r\n")(r.ReadLine(ctx))
			write(ctx, t, b, "220 go ahead\r\n")
			c, err := aionet.StartTLSServer(ctx, r, serverConfig())
			_, stale := r.ReadLine(ctx)
			if stale == nil || stale == io.EOF {
				t.Errorf("the reader from before still reads: error %v", stale)
			}
			return c, err
		})
		r := aionet.NewReader(a, 0)
		write(ctx, t, a, "STARTTLS\r\n"+pipelined)
		wantPiece(t, "220 go ahead\r\n")(r.ReadLine(ctx))
		c, err = aionet.StartTLSClient(ctx, r, clientConfig())
		s, err2 := server.Join(ctx)
		return c, s, errors.Join(err, err2)
	}
	virtually(t, "upgrades a stream after a conversation in the clear", func(ctx context.Context, t *testing.T) {
		c, s, err := upgrade(ctx, t, "")
		if err != nil {
			t.Fatal(err)
		}
		write(ctx, t, c, "EHLO\r\n")
		wantPiece(t, "EHLO\r\n")(aionet.NewReader(s, 0).ReadLine(ctx))
	})
	virtually(t, "G1: refuses what was injected before the handshake", func(ctx context.Context, t *testing.T) {
		_, s, err := upgrade(ctx, t, "RCPT TO:<evil>\r\n")
		wantErr(t, "the upgrade", err, aionet.ErrResidue)
		if s != nil {
			t.Error("there is a connection all the same")
		}
	})
	virtually(t, "G2: does not pass a write that is under way", func(ctx context.Context, t *testing.T) {
		a, b := aionet.Pipe(ctx, 10)
		w := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := a.WriteContext(ctx, make([]byte, 100))
			return err
		})
		asynciotest.WaitIdle(ctx)
		_, err := aionet.StartTLSClient(ctx, aionet.NewReader(a, 0), clientConfig())
		wantErr(t, "the upgrade", err, asyncio.ErrBusy)
		b.Close()
		w.Await(ctx)
	})
	virtually(t, "needs a stream below the reader", func(ctx context.Context, t *testing.T) {
		if _, err := aionet.StartTLSServer(ctx, fed(0, "x"), serverConfig()); err == nil {
			t.Error("no error")
		}
	})
}
