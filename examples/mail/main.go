// Mail is an SMTP server on the loop (RFC 5321, with STARTTLS of RFC 3207), and the
// standard library's client, package net/smtp, which sends mail to it from tasks of the
// same loop. The library knows nothing of loops: it only reads and writes the connection
// that it is given, and so it waits like a task. TLS is negotiated in the middle of the
// conversation, by crypto/tls on both sides. All that is delivered is in one slice,
// without a lock.
//
//	go run ./examples/mail
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/smtp"
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func main() {
	if err := asyncio.Run(context.Background(), demo, asyncio.HandleSignals()); err != nil {
		log.Fatal(err)
	}
}

// demo sends mail from three tasks at the same time, and prints what has arrived.
func demo(ctx context.Context) error {
	config, roots, err := newCertificate("mail.example.com")
	if err != nil {
		return err
	}
	l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	post := &office{config: config}
	server := &aionet.Server{Handler: post.serve, MaxConns: 100, IdleTimeout: 5 * time.Minute}
	serving := asyncio.Go(ctx, func(ctx context.Context) error { return server.Serve(ctx, l) })

	err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, from := range []string{"ann@example.com", "bob@example.com", "cem@example.com"} {
			g.Go(func(ctx context.Context) error {
				return send(ctx, l.Addr().String(), roots, from, "dan@example.com", "Subject: hello\n\nIt is "+from+".\n.hidden dot")
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := server.Shutdown(ctx); err != nil {
		return err
	}
	if _, err := serving.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
		return err
	}
	slices.SortFunc(post.delivered, func(a, b letter) int { return strings.Compare(a.from, b.from) })
	for _, m := range post.delivered {
		fmt.Printf("from %s to %s, encrypted: %t: %q\n", m.from, strings.Join(m.to, ", "), m.encrypted, m.text)
	}
	return nil
}

// send connects and delivers one letter. It is a wait.
func send(ctx context.Context, address string, roots *x509.CertPool, from, to, text string) error {
	conn, err := aionet.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return deliver(ctx, conn, roots, from, to, text)
}

// deliver sends one letter over a connection, and closes it. It is a wait: when ctx ends,
// whatever the library is about to read or write returns its error. That of the task
// would be known to the connection without Bind, but ctx may have a timeout as well.
func deliver(ctx context.Context, conn aionet.Stream, roots *x509.CertPool, from, to, text string) error {
	defer conn.Abort() // after a Close it does nothing
	client, err := smtp.NewClient(aionet.Bind(ctx, conn), "mail.example.com")
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.StartTLS(&tls.Config{ServerName: "mail.example.com", RootCAs: roots}); err != nil {
		return err
	}
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(body, text); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	client.Quit() // the letter has arrived, whoever hangs up first
	return nil
}
