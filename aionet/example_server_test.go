package aionet_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// shout sends each line back in other letters, and counts for all connections, which
// needs no lock.
func shout(lines *int) func(ctx context.Context, c aionet.Stream) error {
	return func(ctx context.Context, c aionet.Stream) error {
		r := aionet.NewReader(c, 4096) // the longest line
		for line, err := range r.Lines(ctx) {
			if err != nil {
				return err
			}
			*lines++
			if _, err := fmt.Fprintf(aionet.Bind(ctx, c), "%d: %s", *lines, line); err != nil {
				return err
			}
		}
		return nil
	}
}

func ExampleServer() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		lines := 0
		s := &aionet.Server{Handler: shout(&lines)}
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })

		for _, line := range []string{"one\n", "two\n"} {
			conn, err := aionet.Dial(ctx, "tcp", l.Addr().String())
			if err != nil {
				return err
			}
			if _, err := conn.WriteContext(ctx, []byte(line)); err != nil {
				return err
			}
			answer, err := aionet.NewReader(conn, 0).ReadLine(ctx)
			if err != nil {
				return err
			}
			fmt.Printf("%s", answer)
			conn.Close()
		}
		if err := s.Shutdown(ctx); err != nil {
			return err
		}
		_, err = serving.Await(ctx)
		fmt.Println(errors.Is(err, aionet.ErrServerClosed))
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1: one
	// 2: two
	// true
}

// A library of the standard library reads, under a timeout of the loop's.
func ExampleBind() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		client, server := aionet.Pipe(ctx, aionet.DefaultBuffer)
		defer client.Close()
		defer server.Close()
		client.WriteContext(ctx, []byte("Subject: hello\r\n\r\n"))

		timed, timeout := asyncio.WithTimeout(ctx, 10*time.Millisecond)
		defer timeout.Cancel()
		r := textproto.NewReader(bufio.NewReader(aionet.Bind(timed, server)))
		header, err := r.ReadMIMEHeader()
		fmt.Println(header.Get("Subject"), err)
		_, err = r.ReadLine() // nothing more comes
		fmt.Println(timeout.Caused(err))
		return nil
	})
	// Output:
	// hello <nil>
	// true
}

func ExampleListenPacket() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		server, err := aionet.ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer server.Close()
		client, err := aionet.DialPacket(ctx, "udp", server.LocalAddr().String())
		if err != nil {
			return err
		}
		defer client.Close()
		if _, err := client.WriteContext(ctx, []byte("ping")); err != nil {
			return err
		}
		buf := make([]byte, 1500)
		n, from, err := server.ReadFromContext(ctx, buf)
		if err != nil {
			return err
		}
		fmt.Printf("%s, %v\n", buf[:n], from.String() == client.LocalAddr().String())
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: ping, true
}
