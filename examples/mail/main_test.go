package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Three clients of package net/smtp, with TLS, over sockets of this machine.
func Example() {
	fmt.Println(asyncio.Run(context.Background(), demo))
	// Output:
	// from ann@example.com to dan@example.com, encrypted: true: "Subject: hello\r\n\r\nIt is ann@example.com.\r\n.hidden dot\r\n"
	// from bob@example.com to dan@example.com, encrypted: true: "Subject: hello\r\n\r\nIt is bob@example.com.\r\n.hidden dot\r\n"
	// from cem@example.com to dan@example.com, encrypted: true: "Subject: hello\r\n\r\nIt is cem@example.com.\r\n.hidden dot\r\n"
	// <nil>
}

// inMemory runs a test with an office on memory streams and under a virtual clock.
func inMemory(t *testing.T, test func(ctx context.Context, o *office, l *aionet.MemoryListener, roots *x509.CertPool)) {
	t.Helper()
	config, roots, err := newCertificate("mail.example.com")
	if err != nil {
		t.Fatal(err)
	}
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "mail", 1, 0)
		o := &office{config: config}
		server := &aionet.Server{Handler: o.serve, OnError: func(r asyncio.Report) {
			if r.Stack != nil {
				t.Errorf("%v\n%s", r.Err, r.Stack)
			}
		}}
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return server.Serve(ctx, l) })
		test(ctx, o, l, roots)
		server.Close()
		if _, err := serving.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
			t.Error(err)
		}
	})
}

// dial is a client that speaks by hand, with package net/textproto.
func dial(ctx context.Context, t *testing.T, l *aionet.MemoryListener) (*textproto.Conn, aionet.Stream) {
	t.Helper()
	c, err := l.Dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	text := textproto.NewConn(c)
	if _, _, err := text.ReadResponse(220); err != nil {
		t.Fatal(err)
	}
	return text, c
}

func TestTheConversation(t *testing.T) {
	long := "RCPT TO:<" + strings.Repeat("x", 2000) + ">"
	for _, test := range []struct{ name, say, want string }{
		{"greetings", "EHLO me|HELO me", "250|250"},
		{"no letter without encryption", "EHLO me|MAIL FROM:<a@b>", "250|530"},
		{"no recipient without a letter", "EHLO me|RCPT TO:<a@b>|DATA", "250|503|503"},
		{"what is unknown, and what does nothing", "WHAT|noop|RSET", "500|250|250"},
		{"goodbye", "QUIT", "221|EOF"},
		{"a line that is too long ends it", long, "500|EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inMemory(t, func(ctx context.Context, o *office, l *aionet.MemoryListener, _ *x509.CertPool) {
				c, _ := dial(ctx, t, l)
				var got []string
				for line := range strings.SplitSeq(test.say, "|") {
					c.PrintfLine("%s", line)
					code, _, err := c.ReadResponse(0)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, fmt.Sprint(code))
				}
				if strings.HasSuffix(test.want, "EOF") {
					if _, err := c.ReadLine(); err == io.EOF {
						got = append(got, "EOF")
					}
				}
				if strings.Join(got, "|") != test.want {
					t.Errorf("it says %q, want %q", got, test.want)
				}
				c.Close()
			})
		})
	}
}

func TestLettersAreBounded(t *testing.T) {
	inMemory(t, func(ctx context.Context, o *office, l *aionet.MemoryListener, roots *x509.CertPool) {
		line := strings.Repeat("x", 900) + "\n"
		for _, test := range []struct {
			lines int
			fits  bool
		}{{1000, true}, {2000, false}} {
			c, err := l.Dial(ctx)
			if err != nil {
				t.Fatal(err)
			}
			err = deliver(ctx, c, roots, "a@b", "c@d", strings.Repeat(line, test.lines))
			if refused := (*textproto.Error)(nil); test.fits != (err == nil) || !test.fits && (!errors.As(err, &refused) || refused.Code != 552) {
				t.Errorf("%d lines: %v", test.lines, err)
			}
		}
		if len(o.delivered) != 1 || len(o.delivered[0].text) != 1000*(len(line)+1) {
			t.Errorf("%d letters were delivered, want the one that fits", len(o.delivered))
		}
	})
}

func TestWhatIsSaidBeforeTheEncryptionDoesNotCount(t *testing.T) {
	inMemory(t, func(ctx context.Context, o *office, l *aionet.MemoryListener, _ *x509.CertPool) {
		c, stream := dial(ctx, t, l)
		io.WriteString(stream, "STARTTLS\r\nMAIL FROM:<eve@example.com>\r\n") // in one piece
		if _, _, err := c.ReadResponse(220); err != nil {
			t.Fatal(err)
		}
		if line, err := c.ReadLine(); err == nil {
			t.Errorf("it goes on with %q", line)
		}
		c.Close()
	})
}

func TestAServerThatIsSilentIsNotWaitedForLongerThanTheContextLasts(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		near, far := aionet.Pipe(ctx, 0)
		defer far.Close()
		began := asyncio.Now(ctx)
		limit, timeout := asyncio.WithTimeout(ctx, time.Minute)
		defer timeout.Cancel()
		err := deliver(limit, near, nil, "a@b", "c@d", "text")
		if took := asyncio.Now(ctx).Sub(began); !timeout.Caused(err) || took != time.Minute {
			t.Errorf("%v after %v, want the timeout after a minute", err, took)
		}
	})
}

func TestACancelledClientLeavesTheServerToOthers(t *testing.T) {
	inMemory(t, func(ctx context.Context, o *office, l *aionet.MemoryListener, roots *x509.CertPool) {
		for steps := range 12 { // cancelled in another place each time
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				c, err := l.Dial(ctx)
				if err != nil {
					return err
				}
				return deliver(ctx, c, roots, "a@b", "c@d", "never mind")
			})
			for range steps {
				asyncio.Yield(ctx)
			}
			task.Cancel(errors.New("enough"))
			task.Await(ctx)
		}
		c, err := l.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := deliver(ctx, c, roots, "z@b", "c@d", "the last"); err != nil {
			t.Error(err)
		}
		if last := o.delivered[len(o.delivered)-1]; last.from != "z@b" || last.text != "the last\r\n" {
			t.Errorf("delivered %+v", last)
		}
	})
}
