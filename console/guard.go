package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

// A guard lets those requests through that the program's user makes, and none that other
// sites make in the user's browser. It comes before everything else.
type guard struct {
	config
	cookie string
	next   http.Handler
}

func newGuard(c config, next http.Handler) *guard {
	// Browsers give a cookie to all ports of a host: each console needs its own name.
	sum := sha256.Sum256([]byte("cookie " + c.token))
	return &guard{config: c, cookie: "asyncio_console_" + hex.EncodeToString(sum[:4]), next: next}
}

// ServeHTTP checks, in this order: the name that we are called by (DNS rebinding), the
// method, where the request comes from, and the token.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	switch {
	case !g.mayBe(r.Host):
		fail(w, http.StatusForbidden, "this console is not called "+quoted(r.Host)+"; ask for it as localhost or 127.0.0.1, or allow the name with console.AllowHosts")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "the console can be read, and nothing else")
	case !sameSite(r):
		fail(w, http.StatusForbidden, "the console answers to its own page, and to no other site")
	case r.URL.Path == "/" && r.URL.Query().Has("token"):
		g.login(w, r)
	case !g.known(r):
		refuse(w, r)
	default:
		g.next.ServeHTTP(w, r)
	}
}

// protect sets what holds for each answer. What comes from us runs nothing but our own
// files, is shown in no frame, is read by no other site and is kept nowhere.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// sameSite tells that no other site has made the browser send this. Other ports of this
// machine are other sites too. Clients that are no browsers send neither field.
func sameSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none": // none: the user has typed the address
	default:
		return false
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(u.Host, r.Host) || u.Scheme != "http" && u.Scheme != "https" {
			return false
		}
	}
	return true
}

// login turns the token of an address that somebody has opened into a cookie, so that it
// stays neither in the address bar nor in the history.
func (g *guard) login(w http.ResponseWriter, r *http.Request) {
	if !g.is(r.URL.Query().Get("token")) {
		refuse(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: g.cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	w.Header().Set("Location", "./") // relative, since we may be mounted below some folder
	w.WriteHeader(http.StatusFound)
}

// known tells that the request has the token.
func (g *guard) known(r *http.Request) bool {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		return strings.EqualFold(scheme, "Bearer") && g.is(token)
	}
	for _, c := range r.CookiesNamed(g.cookie) {
		if g.is(c.Value) {
			return true
		}
	}
	return false
}

// is compares in a time that does not depend on where the difference is, nor on how long
// the other one is.
func (g *guard) is(token string) bool {
	ours, theirs := sha256.Sum256([]byte(g.token)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(ours[:], theirs[:]) == 1
}

// refuse says how to come in: to people with a page, to programs with an error.
func refuse(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="asyncio console"`)
	if strings.HasPrefix(r.URL.Path, "/api/") || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		fail(w, http.StatusUnauthorized, "the console wants its token: Authorization: Bearer TOKEN")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusUnauthorized)
	if r.Method != http.MethodHead {
		w.Write([]byte(doorPage))
	}
}

const doorPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>asyncio console: no token</title><link rel="icon" href="data:,"></head>
<body>
<main>
<h1>This console wants its token</h1>
<p>Open the address that the program has printed when it turned the console on: it ends in <code>?token=</code> and the token. Paste it into the address bar; a link on a page of another site does not work.</p>
<p>Or, on the machine where the program runs: <code>asyncio ps</code> finds the token of your own programs by itself.</p>
</main>
</body>
</html>
`
