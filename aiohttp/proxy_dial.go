package aiohttp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"golang.org/x/net/proxy"
)

// dial makes a connection by the given route. It is a wait; where it fails or is
// cancelled nothing is left.
func (t *Transport) dial(ctx context.Context, r route) (*conn, error) {
	s, err := t.reach(ctx, r)
	if err != nil {
		return nil, err
	}
	ready := false
	defer func() {
		if !ready { // also where the loop ends the task by force
			s.Abort()
		}
	}()
	c := newConn(t, r, s)
	if r.scheme == "https" {
		if c.stream, c.secured, err = t.secure(ctx, s, r.target); err != nil {
			return nil, err
		}
	}
	ready = true
	return c, nil
}

// reach makes a connection on which the server is, or a proxy that forwards requests,
// within DialTimeout.
func (t *Transport) reach(ctx context.Context, r route) (s aionet.Stream, err error) {
	if d := orDefault(t.DialTimeout, defaultDialTimeout); d > 0 {
		limited, timeout := asyncio.WithTimeout(ctx, d)
		defer timeout.Cancel()
		ctx = limited
		defer func() {
			if timeout.Caused(err) { // to the caller it is no cancellation
				err = &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
			}
		}()
	}
	if r.proxy == "" {
		return t.dialStream(ctx, r.target)
	}
	s, err = t.reachThrough(ctx, r)
	if err != nil && !isCancellation(err) {
		return nil, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
	}
	return s, err
}

func (t *Transport) dialStream(ctx context.Context, addr string) (aionet.Stream, error) {
	if t.Dial != nil {
		return t.Dial(ctx, "tcp", addr)
	}
	return aionet.Dial(ctx, "tcp", addr)
}

// reachThrough connects to the proxy and has it connect to the target.
func (t *Transport) reachThrough(ctx context.Context, r route) (s aionet.Stream, err error) {
	via := r.via()
	addr, err := authority(via)
	if err != nil {
		return nil, err
	}
	if s, err = t.dialStream(ctx, addr); err != nil {
		return nil, err
	}
	raw, reached := s, false
	defer func() {
		if !reached { // also where the loop ends the task by force
			raw.Abort()
		}
	}()
	if via.Scheme == "https" {
		if s, _, err = t.secure(ctx, s, addr); err != nil {
			return nil, err
		}
	}
	switch {
	case r.forwards():
	case via.Scheme == "socks5", via.Scheme == "socks5h":
		err = socks(ctx, s, addr, via, r.target)
	default:
		err = t.tunnel(ctx, s, r)
	}
	if reached = err == nil; !reached {
		return nil, err
	}
	return s, nil
}

// tunnel asks a proxy to pass bytes on to the target (RFC 9110, 9.3.6).
func (t *Transport) tunnel(ctx context.Context, s aionet.Stream, r route) error {
	req := &http.Request{
		Method: http.MethodConnect,
		URL:    &url.URL{Opaque: r.target},
		Host:   r.target,
		Header: t.ProxyConnectHeader.Clone(),
	}
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	r.authorize(req.Header)
	view := aionet.Bind(ctx, s)
	if err := req.Write(view); err != nil {
		return err
	}
	limit := (&exchange{transport: t}).headerLimit()
	br := bufio.NewReader(io.LimitReader(view, limit))
	resp, err := http.ReadResponse(br, req)
	switch {
	case err != nil:
		return err
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("the proxy refused to connect to %s: %s", r.target, resp.Status)
	case br.Buffered() > 0: // the client speaks first: what came is not the server's
		return errors.New("the proxy sent data before the connection was used")
	}
	return nil
}

// socks asks a SOCKS5 proxy to connect to the target, which the proxy looks up. The
// library would start a goroutine for a context that can end; the connection that it
// gets is bound to ctx instead.
func socks(ctx context.Context, s aionet.Stream, addr string, via *url.URL, target string) error {
	var auth *proxy.Auth
	if u := via.User; u != nil {
		password, _ := u.Password()
		auth = &proxy.Auth{User: u.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", addr, auth, connected{aionet.Bind(ctx, s)})
	if err != nil {
		return err
	}
	if _, err = d.Dial("tcp", target); err != nil {
		if ended := asyncio.Checkpoint(ctx); ended != nil {
			return ended // the library has put it into an error of its own
		}
	}
	return err
}

// connected is a dialer whose connection is there already.
type connected struct{ conn net.Conn }

func (c connected) Dial(string, string) (net.Conn, error) { return c.conn, nil }
func (c connected) DialContext(context.Context, string, string) (net.Conn, error) {
	return c.conn, nil
}
