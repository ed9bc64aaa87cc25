package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/discovery"
	"github.com/goasyncio/asyncio/internal/coro"
)

// A Server is a console that listens on an address of its own.
type Server struct {
	listener net.Listener
	http     *http.Server
	mount    *Mount
	served   chan struct{} // closed when http.Serve has returned
	forget   func() error  // takes the discovery file away
	close    func() error
}

// Serve turns a console on and returns: from then on it answers on addr, a HOST:PORT, for
// all loops of the process, those that run and those that begin later. An empty host is
// 127.0.0.1, and port 0 is any that is free. A host that is not of this machine alone is
// refused unless [AllowRemote] is given.
//
// Any goroutine may call it. A task that does waits for the system for a moment.
func Serve(addr string, opts ...Option) (*Server, error) {
	mount, err := Handler(opts...)
	if err != nil {
		return nil, err
	}
	listener, err := listen(addr, mount.guard.remote)
	if err != nil {
		return nil, errors.Join(err, mount.Close())
	}
	// The listening address itself is a name that no other site can have.
	host, _, _ := net.SplitHostPort(listener.Addr().String())
	mount.guard.hosts = append(mount.guard.hosts, host)
	s := &Server{listener: listener, mount: mount, served: make(chan struct{}), forget: func() error { return nil }}
	s.close = sync.OnceValue(s.shut)
	s.http = &http.Server{
		Handler:           mount,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		// The guard answers all requests, those for no page too.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(io.Discard, "", 0), // what clients do wrong is not the program's to tell
	}
	if !mount.guard.noDiscovery {
		// A program goes on where this fails: it costs the commands the token, no more.
		if forget, err := s.entry().Write(); err == nil {
			s.forget = forget
		}
	}
	go func() {
		defer close(s.served)
		s.http.Serve(&limited{Listener: listener, places: make(chan struct{}, maxConns)})
	}()
	return s, nil
}

// listen listens on addr, and nowhere where other machines come in unless remote.
func listen(addr string, remote bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("console: %q is no address: give HOST:PORT, such as 127.0.0.1:8765", addr)
	}
	if host == "" && !remote {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); !remote && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, notLocal(host)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !remote && (!ok || !tcp.IP.IsLoopback()) { // localhost may be anything
		return nil, errors.Join(notLocal(listener.Addr().String()), listener.Close())
	}
	return listener, nil
}

// errRemote is that an address is not of this machine alone.
var errRemote = errors.New("other machines reach that: listen on 127.0.0.1 and use a tunnel, or give AllowRemote")

func notLocal(host string) error { return fmt.Errorf("console: %q: %w", host, errRemote) }

func (s *Server) entry() discovery.Entry {
	return discovery.Entry{PID: os.Getpid(), Address: s.Addr(), Token: s.mount.Token(), Program: programName(), Started: processStarted}
}

// Addr is the HOST:PORT under which this machine reaches the console.
func (s *Server) Addr() string {
	tcp := *s.listener.Addr().(*net.TCPAddr)
	if tcp.IP.IsUnspecified() {
		tcp.IP = net.IPv4(127, 0, 0, 1)
	}
	return tcp.String()
}

// URL is the address of the console's page, with its token: it is a secret.
func (s *Server) URL() string { return "http://" + s.Addr() + "/?token=" + s.mount.Token() }

// Token is what clients must show.
func (s *Server) Token() string { return s.mount.Token() }

// Close turns the console off: it cuts off all clients and waits for the console's
// goroutines, which takes a quarter of a second at most. It is idempotent.
func (s *Server) Close() error { return s.close() }

func (s *Server) shut() error {
	err := s.forget()
	s.mount.stop() // streams end by themselves, and then nobody keeps a connection busy
	err = errors.Join(err, s.http.Close())
	<-s.served
	return errors.Join(err, s.mount.Close())
}

// maxConns is how many connections a console has at a time. Who comes then waits.
const maxConns = 320

// sendBuffer is how much the system keeps for a client that does not read, in bytes. It
// would go up to some megabytes.
const sendBuffer = 128 << 10

// limited is a listener that accepts no more than there are places.
type limited struct {
	net.Listener
	places chan struct{}
}

// Accept waits for a place first.
func (l *limited) Accept() (net.Conn, error) {
	l.places <- struct{}{}
	leave := sync.OnceFunc(func() { <-l.places })
	c, err := l.Listener.Accept()
	if err != nil {
		leave()
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(sendBuffer)
	}
	return &placed{Conn: c, leave: leave}, nil
}

type placed struct {
	net.Conn
	leave func()
}

// Close gives the place back.
func (p *placed) Close() error {
	defer p.leave()
	return p.Conn.Close()
}

// A Mount is a console as an [http.Handler], for a program that has a server already.
type Mount struct {
	guard *guard
	site  *site
	hub   *hub
	close func() error
}

// Handler makes a console to mount on a server that works on goroutines, as net/http's:
// at a path of its own, which must end in a slash, with http.StripPrefix. It has the same
// checks as one that listens by itself, the token too. There is no discovery file. Close
// it when it is no longer served.
func Handler(opts ...Option) (*Mount, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	m := &Mount{hub: newHub()}
	m.site = newSite(m.hub)
	m.site.mux.HandleFunc("/api/v1/recordings/{name}", m.site.rehearsed(c.recordings))
	m.guard = newGuard(c, m.site)
	m.close = sync.OnceValue(func() error {
		m.hub.close()
		return nil
	})
	return m, nil
}

// ServeHTTP answers a client. It waits for loops, so it must not be called on one, as the
// server of package aiohttp would: there it answers with an error that says so.
func (m *Mount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if coro.Owner() != 0 {
		protect(w.Header())
		fail(w, http.StatusServiceUnavailable, "this console is mounted on a server whose handlers run on a loop, which would wait for itself: mount it on one of net/http, or use console.Serve")
		return
	}
	if !m.hub.enter() {
		protect(w.Header())
		fail(w, http.StatusServiceUnavailable, errClosed.Error())
		return
	}
	defer m.hub.leave()
	control := http.NewResponseController(w)
	if r.ContentLength != 0 { // net/http waits for a body before it answers, though nobody wants to read it
		control.SetReadDeadline(time.Now().Add(writeTime / 2))
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	over := make(chan struct{})
	stop := context.AfterFunc(m.hub.ctx, func() { // closing the console ends what is under way
		defer close(over)
		cancel()
		control.SetWriteDeadline(time.Now()) // for clients that do not read
	})
	defer func() {
		if !stop() {
			<-over // the connection may be another request's next
		}
	}()
	m.guard.ServeHTTP(w, r.WithContext(ctx))
}

// Token is what clients must show: ?token= in the address of the page, or as a bearer.
func (m *Mount) Token() string { return m.guard.token }

// Close ends all requests and waits for the console's goroutines. It is idempotent.
func (m *Mount) Close() error { return m.close() }

// stop ends what is under way.
func (m *Mount) stop() { m.hub.cancel() }
