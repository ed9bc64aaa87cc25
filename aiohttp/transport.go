package aiohttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"golang.org/x/net/http/httpguts"
)

// A Transport is an [http.RoundTripper] on a loop: it sends requests over connections
// of package aionet, keeps these open for later requests, and waits where it must
// under the context of the request, which has to come from the loop. It starts no
// goroutine; names are looked up on threads. The zero value is ready; fields must not
// change after the first request.
//
// It speaks HTTP/1.1. A field that is zero has the default that its comment names,
// and a negative duration or number means no limit, unless the comment says
// otherwise.
//
// A Transport belongs to one loop at a time. Its idle connections are closed when
// they have been idle for IdleConnTimeout, when the server closes them, by
// [Transport.CloseIdleConnections] and at the end of Run. While there are any, their
// servers could wake the loop, so that a deadlock is told only after them (rule L5).
type Transport struct {
	// Dial makes a connection to a server or a proxy. It is a wait, in a task of its
	// own; ctx has the values of the request's, and ends with the request. A request
	// takes another connection if one becomes free before: then Dial goes on, and
	// the pool gets what it makes. The default is that of package aionet, with
	// keep-alive on.
	Dial func(ctx context.Context, network, addr string) (aionet.Stream, error)
	// DialTimeout bounds the making of a connection, without TLS to the server, but
	// with everything that a proxy does. The default is 30 seconds.
	DialTimeout time.Duration

	// Proxy chooses the proxy for a request: a URL with the scheme http, https or
	// socks5, with user and password where the proxy wants them, or nil for none.
	// Where Proxy is nil no proxy is used; http.ProxyFromEnvironment does what
	// other programs do.
	Proxy func(*http.Request) (*url.URL, error)
	// ProxyConnectHeader is sent to a proxy with CONNECT requests.
	ProxyConnectHeader http.Header

	// TLSClientConfig is the configuration for https; nil is the default one. Its
	// NextProtos are ours.
	TLSClientConfig *tls.Config
	// TLSHandshakeTimeout bounds a handshake. The default is 10 seconds.
	TLSHandshakeTimeout time.Duration

	// DisableKeepAlives gives every request a connection of its own.
	DisableKeepAlives bool
	// DisableCompression keeps the Transport from asking for gzip where the request
	// does not say what it accepts. What it has asked for itself it unpacks.
	DisableCompression bool

	// MaxIdleConns bounds the idle connections to all hosts. The default is 100.
	MaxIdleConns int
	// MaxIdleConnsPerHost bounds those to one host. The default is 8.
	MaxIdleConnsPerHost int
	// MaxConnsPerHost bounds the connections to one host, idle and busy ones and
	// those being made. Requests for which there is none wait in line. The default
	// is no limit.
	MaxConnsPerHost int
	// IdleConnTimeout is how long a connection stays idle. The default is 90 seconds.
	IdleConnTimeout time.Duration

	// ResponseHeaderTimeout bounds the wait for the header of the response, from when
	// the request has been sent. The default is no limit.
	ResponseHeaderTimeout time.Duration
	// ExpectContinueTimeout is how long a request with "Expect: 100-continue" holds
	// its body back for the server to ask for it. The default is 1 second.
	ExpectContinueTimeout time.Duration
	// MaxResponseHeaderBytes bounds the header of a response, with the
	// informational ones before it that nobody looks at. The default is 1 MiB, and
	// there is always a limit.
	MaxResponseHeaderBytes int64

	pool *pool // nil before the first request
}

// The limits of a Transport that has none of its own.
const (
	defaultDialTimeout           = 30 * time.Second
	defaultTLSHandshakeTimeout   = 10 * time.Second
	defaultMaxIdleConns          = 100
	defaultMaxIdleConnsPerHost   = 8
	defaultIdleConnTimeout       = 90 * time.Second
	defaultExpectContinueTimeout = time.Second
	defaultMaxResponseHeader     = 1 << 20
)

// RoundTrip implements [http.RoundTripper]: it sends a request and waits, under the
// context of the request, for the header of the response. It returns before the body
// of the request has been sent where the server answers earlier.
//
// The response's Body is a [Body]. A request that is cancelled, then or while its
// body is read, costs its own connection and nothing else. A request that fails on a
// connection that had served before, without a byte of a response, is sent again
// where that can do no harm: its method is idempotent (RFC 9110, 9.2.2) or it has an
// Idempotency-Key, and its body, if it has one, can be had again by GetBody.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.admit(req); err != nil {
		closeBody(req)
		return nil, err
	}
	for out := req; ; {
		resp, err := t.attempt(out)
		if err == nil {
			resp.Request = req
			return resp, nil
		}
		var again *retryError
		if !errors.As(err, &again) {
			return nil, err
		}
		if out, err = rewind(out); err != nil {
			return nil, again.error
		}
	}
}

// attempt sends the request on one connection.
func (t *Transport) attempt(req *http.Request) (*http.Response, error) {
	r, err := t.route(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	trace := httptrace.ContextClientTrace(req.Context())
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(r.target)
	}
	c, err := t.connect(req.Context(), r)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(c.info(asyncio.Now(req.Context())))
	}
	return newExchange(t, c, req).roundTrip()
}

// CloseIdleConnections closes the connections that no request uses now. It does not
// wait; [http.Client] has a method of the same name that calls it.
func (t *Transport) CloseIdleConnections() { t.pool.closeIdle() }

// admit refuses what cannot be sent.
func (t *Transport) admit(req *http.Request) error {
	if err := asyncio.Checkpoint(req.Context()); err != nil {
		return err
	}
	if err := t.enter(req.Context()); err != nil {
		return err
	}
	switch {
	case req.URL == nil:
		return errors.New("aiohttp: the request has no URL")
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return fmt.Errorf("aiohttp: unsupported protocol scheme %q", req.URL.Scheme)
	case req.URL.Host == "":
		return errors.New("aiohttp: the URL of the request has no host")
	case req.Method != "" && !validMethod(req.Method):
		return fmt.Errorf("aiohttp: invalid method %q", req.Method)
	case req.ContentLength > 0 && req.Body == nil:
		return fmt.Errorf("aiohttp: the request has a ContentLength of %d and no Body", req.ContentLength)
	}
	if err := validHeader("header", req.Header); err != nil {
		return err
	}
	return validHeader("trailer", req.Trailer)
}

// validMethod: a method is a token (RFC 9110, 9.1), as the name of a field is.
func validMethod(method string) bool { return httpguts.ValidHeaderFieldName(method) }

// validHeader refuses fields that would break out of their lines. It does not show
// the value, which may be a secret.
func validHeader(what string, h http.Header) error {
	for name, values := range h {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("aiohttp: invalid %s field name %q", what, name)
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return fmt.Errorf("aiohttp: invalid value of the %s field %q", what, name)
			}
		}
	}
	return nil
}

// orDefault is v, or the default where v is zero.
func orDefault[T int | int64 | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
