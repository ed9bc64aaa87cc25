package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

// servers are those of a town.
type servers struct {
	dir                            string
	plain, frugal, unix, secure    *aionet.Server
	web                            *aiohttp.Server
	onPlain, onFrugal, onUnix      *aionet.Listener
	below, onWeb                   *aionet.Listener
	onSecure                       *aionet.TLSListener
	packets                        *aionet.PacketConn
	certificate                    tls.Certificate
	report                         func(asyncio.Report)
	plainAddr, frugalAddr, tlsAddr string
	webAddr, packetAddr            string
}

// openServers listens.
func openServers(ctx context.Context, report func(asyncio.Report)) (s *servers, err error) {
	s = &servers{report: report}
	if s.certificate, err = selfSigned(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "soak"); err != nil {
		return nil, err
	}
	listen := func(network, address string) (l *aionet.Listener) {
		if err == nil {
			l, err = aionet.Listen(ctx, network, address)
		}
		return l
	}
	const anywhere = "127.0.0.1:0"
	s.onPlain, s.onFrugal, s.below, s.onWeb = listen("tcp", anywhere), listen("tcp", anywhere), listen("tcp", anywhere), listen("tcp", anywhere)
	s.onUnix = listen("unix", filepath.Join(s.dir, "echo"))
	if err == nil {
		s.packets, err = aionet.ListenPacket(ctx, "udp", anywhere)
	}
	if err != nil {
		return nil, err
	}
	ignore := aionet.OnHandshakeError(func(net.Addr, error) {}) // a client that was cancelled in it
	s.onSecure, err = aionet.ListenTLS(ctx, s.below, &tls.Config{Certificates: []tls.Certificate{s.certificate}}, ignore)
	s.plainAddr, s.frugalAddr, s.tlsAddr = s.onPlain.Addr().String(), s.onFrugal.Addr().String(), s.below.Addr().String()
	s.webAddr, s.packetAddr = s.onWeb.Addr().String(), s.packets.LocalAddr().String()
	return s, err
}

// serve starts them.
func (s *servers) serve(g *asyncio.TaskGroup) {
	new := func(h func(context.Context, aionet.Stream) error) *aionet.Server {
		return &aionet.Server{Handler: h, OnError: s.report, IdleTimeout: 20 * time.Second}
	}
	s.plain, s.unix, s.secure, s.frugal = new(echo), new(echo), new(echo), new(echoOnce)
	s.frugal.StartOnData = true
	s.web = &aiohttp.Server{OnError: s.report, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if said, err := io.ReadAll(r.Body); err == nil { // first: HTTP/1 goes one way at a time
			w.Write(said)
		}
	})}
	for _, on := range []struct {
		server interface {
			Serve(ctx context.Context, l net.Listener) error
		}
		l net.Listener
	}{{s.plain, s.onPlain}, {s.frugal, s.onFrugal}, {s.unix, s.onUnix}, {s.secure, s.onSecure}, {s.web, s.onWeb}} {
		g.Go(func(ctx context.Context) error {
			err := on.server.Serve(ctx, on.l)
			if err == aionet.ErrServerClosed || err == http.ErrServerClosed {
				return nil
			}
			return err
		})
	}
	g.Go(s.sendBack)
}

// shutdown ends them gently, and then by force: idle clients are gone by now.
func (s *servers) shutdown(ctx context.Context) error {
	ctx, timeout := asyncio.WithTimeout(ctx, 10*time.Second)
	defer timeout.Cancel()
	err := s.packets.Close()
	for _, server := range []interface{ Shutdown(context.Context) error }{s.plain, s.frugal, s.unix, s.secure, s.web} {
		err = errors.Join(err, server.Shutdown(ctx))
	}
	return err
}

func echo(ctx context.Context, c aionet.Stream) error {
	for {
		if err := echoOnce(ctx, c); err != nil {
			return err
		}
	}
}

func echoOnce(ctx context.Context, c aionet.Stream) error {
	buf := make([]byte, 4<<10)
	n, err := c.ReadContext(ctx, buf)
	if err == nil {
		_, err = c.WriteContext(ctx, buf[:n])
	}
	return err
}

// sendBack answers datagrams.
func (s *servers) sendBack(ctx context.Context) error {
	buf := make([]byte, 2<<10)
	for {
		n, from, err := s.packets.ReadFromContext(ctx, buf)
		if err == nil {
			_, err = s.packets.WriteToContext(ctx, buf[:n], from)
		}
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			return err
		}
	}
}

// gone tells that the other side has broken off, which here happens all the time.
func gone(err error) bool {
	for _, end := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.Canceled, os.ErrDeadlineExceeded,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ENOTCONN,
	} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}
