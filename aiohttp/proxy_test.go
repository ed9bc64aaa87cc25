package aiohttp_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// through makes all requests of a site go through a proxy.
func (s *site) through(address string) {
	s.client.Proxy = http.ProxyURL(parse(address))
}

func TestForwardingProxy(t *testing.T) {
	virtually(t, "gets the whole address, and the password", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			for {
				r, err := p.request()
				if err != nil {
					return err
				}
				text := r.RequestURI + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
				p.say("HTTP/1.1 200 OK\nContent-Length: " + itoa(len(text)) + "\n\n" + text)
			}
		})
		s.through("http://user:secret@proxy:3128")
		s.wantGet(ctx, "http://site/ site Basic dXNlcjpzZWNyZXQ=")
		got, err := s.do(newRequest(ctx, "GET", "http://other/a", nil))
		if got != "http://other/a other Basic dXNlcjpzZWNyZXQ=" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.wantConns(1, 1) // one for all hosts
		if s.dialed[0] != "proxy:3128" {
			t.Errorf("dialed %s", s.dialed)
		}
	})
	virtually(t, "that cannot be reached is an error that says so", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, echo)
		s.through("http://proxy")
		s.listener.Close()
		_, err := s.get(ctx)
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "proxyconnect" {
			t.Errorf("%v", err)
		}
	})
	virtually(t, "an error of the choice of a proxy is the error of the request", func(t *testing.T, ctx context.Context) {
		wrong := errors.New("wrong")
		s := newSite(ctx, t, 4096, echo)
		s.client.Proxy = func(*http.Request) (*url.URL, error) { return nil, wrong }
		if _, err := s.get(ctx); !errors.Is(err, wrong) {
			t.Errorf("%v", err)
		}
	})
}

func TestTunnellingProxy(t *testing.T) {
	refuse := func(answer string) script {
		return func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say(answer)
			return asyncio.Sleep(ctx, time.Hour)
		}
	}
	for _, c := range []struct{ name, answer, want string }{
		{"that refuses", "HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 2\n\nno", "407 Proxy Authentication Required"},
		{"that talks before it is spoken to", "HTTP/1.1 200 OK\n\nhello", "sent data before"},
		{"that talks nonsense", "220 ESMTP\n\n", "malformed"},
	} {
		virtually(t, c.name+" is an error, and its connection is closed", func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, refuse(c.answer))
			s.through("http://proxy")
			_, err := s.do(newRequest(ctx, "GET", "https://site", nil))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			s.wantConns(1, 0)
		})
	}
	virtually(t, "that is silent is given up after DialTimeout", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, refuse(""))
		s.through("http://proxy")
		began := asyncio.Now(ctx)
		_, err := s.do(newRequest(ctx, "GET", "https://site", nil))
		if took := asyncio.Now(ctx).Sub(began); took != 30*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v after %v", err, took)
		}
		s.wantConns(1, 0)
	})
}

// socksServer is the server's side of RFC 1928 and 1929, and then an HTTP server.
func socksServer(saw *string, reply byte, then script) script {
	return func(ctx context.Context, p *peer, n int) error {
		read := func(n byte) []byte {
			b := make([]byte, n)
			io.ReadFull(p.br, b)
			return b
		}
		methods := read(read(2)[1])
		if len(methods) == 0 {
			return io.ErrUnexpectedEOF // the client has gone; later reads give zeros
		}
		method := methods[len(methods)-1]
		p.Write([]byte{5, method})
		if method == 2 {
			name := read(read(2)[1])
			password := read(read(1)[0])
			*saw = fmt.Sprintf("%s:%s ", name, password)
			p.Write([]byte{1, 0})
		}
		head := read(4)
		if head[3] == 3 {
			*saw += string(read(read(1)[0]))
		}
		*saw += fmt.Sprint(":", binary.BigEndian.Uint16(read(2)))
		p.Write([]byte{5, reply, 0, 1, 0, 0, 0, 0, 0, 0})
		if reply != 0 {
			return nil
		}
		return then(ctx, p, n)
	}
}

func TestSOCKSProxy(t *testing.T) {
	for address, want := range map[string]string{
		"socks5://proxy":              "site:80",
		"socks5h://user:secret@proxy": "user:secret site:80",
	} {
		virtually(t, "looks the name up and passes the bytes on: "+address, func(t *testing.T, ctx context.Context) {
			var saw string
			s := newSite(ctx, t, 4096, socksServer(&saw, 0, answering(hello)))
			s.through(address)
			s.wantGet(ctx, "hello")
			s.wantGet(ctx, "hello")
			if s.wantConns(1, 1); saw != want || s.dialed[0] != "proxy:1080" {
				t.Errorf("saw %q by %s, want %q", saw, s.dialed, want)
			}
		})
	}
	virtually(t, "that refuses is an error", func(t *testing.T, ctx context.Context) {
		var saw string
		s := newSite(ctx, t, 4096, socksServer(&saw, 5, nil))
		s.through("socks5://proxy")
		_, err := s.get(ctx)
		if err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "that is silent is left when the request is cancelled", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error { return asyncio.Sleep(ctx, time.Hour) })
		s.through("socks5://proxy")
		limited, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		if _, err := s.get(limited); !timeout.Caused(err) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}
