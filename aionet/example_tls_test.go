package aionet_test

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// A client over TLS. Where the handshake fails the connection is closed.
func ExampleTLSClient() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		below, err := aionet.Dial(ctx, "tcp", "example.com:443")
		if err != nil {
			return err
		}
		conn, err := aionet.TLSClient(ctx, below, &tls.Config{ServerName: "example.com"},
			aionet.HandshakeTimeout(5*time.Second), aionet.ShutdownTimeout(time.Second))
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.WriteContext(ctx, []byte("hello\n"))
		return err
	})
}

// A handler that does the handshake itself, in the task of its connection. See ListenTLS
// for a listener that does it for all.
func ExampleTLSServer() {
	certificate, err := tls.LoadX509KeyPair("server.pem", "server.key")
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", ":8443")
		if err != nil {
			return err
		}
		s := &aionet.Server{Handler: func(ctx context.Context, below aionet.Stream) error {
			conn, err := aionet.TLSServer(ctx, below, config)
			if err != nil {
				return err
			}
			defer conn.Close()
			_, err = conn.WriteContext(ctx, []byte("hello\n"))
			return err
		}}
		return s.Serve(ctx, l)
	})
}

// A server that begins in the clear and goes over to TLS when it is asked to.
func ExampleStartTLSServer() {
	serve := func(ctx context.Context, below aionet.Stream, config *tls.Config) error {
		r := aionet.NewReader(below, 0)
		if _, err := r.ReadLine(ctx); err != nil { // "STARTTLS"
			return err
		}
		if _, err := below.WriteContext(ctx, []byte("220 go ahead\r\n")); err != nil {
			return err
		}
		conn, err := aionet.StartTLSServer(ctx, r, config)
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = aionet.NewReader(conn, 0).ReadLine(ctx)
		return err
	}
	_ = serve
}

// On a public port handshakes fail all the time; who wants to know is told.
func ExampleOnHandshakeError() {
	listen := func(ctx context.Context, below aionet.StreamListener, config *tls.Config) (*aionet.TLSListener, error) {
		return aionet.ListenTLS(ctx, below, config,
			aionet.Handshakes(1000),
			aionet.OnHandshakeError(func(peer net.Addr, err error) { log.Printf("%v: %v", peer, err) }))
	}
	_ = listen
}
