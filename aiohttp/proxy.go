package aiohttp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// A route is where a request goes and by which way: connections with the same route
// are the same to it.
type route struct {
	scheme string // of the request
	target string // host:port; empty where a proxy forwards, for any host
	proxy  string // the URL of the proxy with its password, or empty
}

// String is what reports show: no password.
func (r route) String() string {
	name := r.scheme + "://" + r.target
	if r.proxy == "" {
		return name
	}
	return strings.TrimSuffix(name, "://") + " through " + r.via().Redacted()
}

// via is the proxy.
func (r route) via() *url.URL {
	u, _ := url.Parse(r.proxy) // it was printed by a URL
	return u
}

// forwards tells that the proxy reads the requests, and does not just pass bytes on.
func (r route) forwards() bool { return r.proxy != "" && r.target == "" }

// authorize adds what the proxy wants to know of us.
func (r route) authorize(h http.Header) {
	if u := r.via().User; u != nil {
		password, _ := u.Password()
		h.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
}

// route finds the way of a request.
func (t *Transport) route(req *http.Request) (route, error) {
	target, err := authority(req.URL)
	if err != nil {
		return route{}, err
	}
	r := route{scheme: req.URL.Scheme, target: target}
	if t.Proxy == nil {
		return r, nil
	}
	via, err := t.Proxy(req)
	if via == nil || err != nil {
		return r, err
	}
	switch via.Scheme {
	case "http", "https":
		if r.scheme == "http" {
			r.target = ""
		}
	case "socks5", "socks5h":
	default:
		return route{}, fmt.Errorf("aiohttp: a proxy with the scheme %q is not supported: http, https and socks5 are", via.Scheme)
	}
	r.proxy = via.String()
	return r, nil
}

// authority is the host and port of a URL, for a connection.
func authority(u *url.URL) (string, error) {
	host, err := httpguts.PunycodeHostPort(u.Hostname())
	if err != nil {
		return "", fmt.Errorf("aiohttp: invalid host %q: %w", u.Hostname(), err)
	}
	if host == "" {
		return "", errors.New("aiohttp: the URL has no host")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(host, port), nil
}
