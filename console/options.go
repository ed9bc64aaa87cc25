package console

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net"
	"strings"
)

// An Option changes a console.
type Option func(*config)

type config struct {
	token       string
	hosts       []string
	remote      bool
	noDiscovery bool
	recordings  map[string]*Rehearsal
}

// Token sets the token that clients must show. It must have 16 characters at least, of
// those that a URL may have. Without this option each console makes one, of 128 random
// bits.
func Token(token string) Option { return func(c *config) { c.token = token } }

// AllowHosts adds names under which the console may be asked for, such as the one that a
// proxy passes on: "console.example". Without it a console answers as localhost,
// 127.0.0.1 and [::1], so that no page of another site can reach it by giving that
// site's name our address.
func AllowHosts(hosts ...string) Option {
	return func(c *config) {
		for _, h := range hosts {
			c.hosts = append(c.hosts, strings.ToLower(h))
		}
	}
}

// AllowRemote lets [Serve] listen on addresses that other machines reach, and lets
// clients use any IP address as its name. The console has no encryption: everybody on
// the way sees the token. A tunnel (ssh -L) is better.
func AllowRemote() Option { return func(c *config) { c.remote = true } }

// NoDiscovery leaves no file with the console's address and token for the commands of
// the same user: see docs/CONSOLE.md.
func NoDiscovery() Option { return func(c *config) { c.noDiscovery = true } }

func configure(opts []Option) (config, error) {
	var c config
	for _, o := range opts {
		o(&c)
	}
	if c.token == "" {
		c.token = newToken()
	}
	if len(c.token) < 16 || strings.Trim(c.token, tokenRunes) != "" {
		return c, errors.New("console: a token must have at least 16 characters, all of them letters, digits, - or _")
	}
	return c, nil
}

// tokenRunes need no escape in a URL, a cookie or a header.
const tokenRunes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// newToken is 128 random bits.
func newToken() string {
	var bits [16]byte
	rand.Read(bits[:]) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits[:]))
}

// mayBe tells whether a client may call the console by this name.
func (c *config) mayBe(host string) bool {
	name := strings.ToLower(host)
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	switch name {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	for _, h := range c.hosts {
		if h == name || h == strings.ToLower(host) {
			return true
		}
	}
	// An address is what no other site can be called.
	return c.remote && net.ParseIP(name) != nil
}
