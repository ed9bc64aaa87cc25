package aionet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func ExamplePipe() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		client, server := aionet.Pipe(ctx, aionet.DefaultBuffer)
		client.WriteContext(ctx, []byte("written before Close"))
		client.Close()
		server.SetReadDeadline(asyncio.Now(ctx).Add(time.Second))
		all, err := aionet.NewReader(server, 0).ReadAll(ctx, 0)
		fmt.Printf("%s, %v\n", all, err)
		return nil
	})
	// Output: written before Close, <nil>
}

func ExampleNewReader() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		client, server := aionet.Pipe(ctx, aionet.DefaultBuffer)
		client.WriteContext(ctx, []byte("SET color\r\n3\r\nred\r\nand a line that is far too long\r\n"))

		r := aionet.NewReader(server, 20)
		command, _ := r.ReadUntil(ctx, []byte("\r\n"), []byte("\n"))
		size, _ := r.ReadLine(ctx)
		value, _ := r.ReadExactly(ctx, 3)
		fmt.Printf("%q %q %q\n", command, size, value)

		r.ReadLine(ctx)
		_, err := r.ReadLine(ctx)
		var tooLong *aionet.LimitError
		if errors.As(err, &tooLong) {
			fmt.Println("too long:", tooLong.Consumed, "bytes")
		}
		return nil
	})
	// Output:
	// "SET color\r\n" "3\r\n" "red"
	// too long: 32 bytes
}

func ExampleListenMemory() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		l := aionet.ListenMemory(ctx, "echo", 1, aionet.DefaultBuffer)
		defer l.Close()
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			conn, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			for line, err := range aionet.NewReader(conn, 0).Lines(ctx) {
				if err != nil {
					return err
				}
				conn.WriteContext(ctx, line)
			}
			return nil
		})
		client, err := l.Dial(ctx)
		if err != nil {
			return err
		}
		client.WriteContext(ctx, []byte("hello\n"))
		line, _ := aionet.NewReader(client, 0).ReadLine(ctx)
		fmt.Printf("%s", line)
		client.Close()
		_, err = server.Await(ctx)
		return err
	})
	// Output: hello
}

// A server that is not held up by clients which are slow at the handshake.
func ExampleListenTLS() {
	certificate, err := tls.LoadX509KeyPair("server.pem", "server.key")
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		below, err := aionet.Listen(ctx, "tcp", ":8443")
		if err != nil {
			return err
		}
		l, err := aionet.ListenTLS(ctx, below, config, aionet.HandshakeTimeout(5*time.Second))
		if err != nil {
			return err
		}
		defer l.Close()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for {
				conn, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				g.Go(func(ctx context.Context) error {
					defer conn.Close()
					_, err := conn.WriteContext(ctx, []byte("hello\n"))
					return err
				})
			}
		})
	})
}

// A client of SMTP that goes over to TLS.
func ExampleStartTLSClient() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		conn, err := aionet.Dial(ctx, "tcp", "mail.example.com:587")
		if err != nil {
			return err
		}
		defer conn.Abort() // does nothing where TLS has closed it
		r := aionet.NewReader(conn, 0)
		if _, err := conn.WriteContext(ctx, []byte("STARTTLS\r\n")); err != nil {
			return err
		}
		answer, err := r.ReadLine(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%s", answer)
		secure, err := aionet.StartTLSClient(ctx, r, &tls.Config{ServerName: "mail.example.com"})
		if err != nil {
			return err // aionet.ErrResidue where somebody has injected something
		}
		defer secure.Close()
		_, err = secure.WriteContext(ctx, []byte("EHLO client.example.com\r\n"))
		return err
	})
}
