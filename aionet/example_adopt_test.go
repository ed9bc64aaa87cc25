//go:build unix

package aionet_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// A connection that a library of goroutines has made goes on as one of the loop.
func ExampleAdopt() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.WriteString(c, "hello")
			c.Close()
		}
	}()
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		theirs, err := asyncio.ToThread(ctx, func(context.Context) (net.Conn, error) {
			return net.Dial("tcp", l.Addr().String())
		})
		if err != nil {
			return err
		}
		conn, err := aionet.Adopt(ctx, theirs)
		if err != nil {
			return err
		}
		defer conn.Close()
		said, err := io.ReadAll(conn)
		fmt.Printf("%s\n", said)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello
}

// A pipe of the system, of which the loop reads one end.
func ExampleFileConn() {
	r, w, err := os.Pipe()
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close() // it stays ours: the loop has a duplicate
	time.AfterFunc(time.Millisecond, func() { w.WriteString("from a thread"); w.Close() })
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		conn, err := aionet.FileConn(ctx, r)
		if err != nil {
			return err
		}
		defer conn.Close()
		said, err := io.ReadAll(conn)
		fmt.Printf("%s\n", said)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: from a thread
}

// A server whose sockets somebody else has opened, such as systemd, which passes them
// as the descriptors from 3 on.
func ExampleFileListener() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.FileListener(ctx, os.NewFile(3, "http"))
		if err != nil {
			return err
		}
		packets, err := aionet.FilePacketConn(ctx, os.NewFile(4, "metrics"))
		if err != nil {
			return err
		}
		defer packets.Close()
		s := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
			_, err := c.WriteContext(ctx, []byte("hello\n"))
			return err
		}}
		return s.Serve(ctx, l)
	})
}

// Two ends of one stream, of which another process could have the second.
func ExamplePair() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b, err := aionet.Pair(ctx)
		if err != nil {
			return err
		}
		defer b.Close()
		a.WriteContext(ctx, []byte("hello"))
		a.Close()
		said, err := io.ReadAll(b)
		fmt.Printf("%s\n", said)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello
}

// A library that works on goroutines of its own gets a view of the stream.
func ExampleThreadsafe() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := aionet.Pipe(ctx, aionet.DefaultBuffer)
		defer b.Close()
		view, err := aionet.Threadsafe(ctx, a)
		if err != nil {
			return err
		}
		go func() { // it may block, and call from wherever it likes
			fmt.Fprintln(view, "hello from a goroutine")
			view.Close()
		}()
		said, err := io.ReadAll(b)
		fmt.Printf("%s", said)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello from a goroutine
}
