package fetch

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// isRedirect tells the statuses that send us elsewhere for the same file.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirected resolves where a redirect leads. It never leads out of HTTP.
func redirected(from *url.URL, location string) (*url.URL, error) {
	if location == "" {
		return nil, &protocolError{"the server redirects, but does not say where to"}
	}
	to, err := from.Parse(location)
	if err == nil {
		to, err = parseURL(to.String())
	}
	if err != nil {
		return nil, &protocolError{"the server redirects to a bad address: " + err.Error()}
	}
	return to, nil
}

// contentRange reads "bytes 5-9/10", "bytes 5-9/*" and "bytes */10"; what is not there
// comes back as -1.
func contentRange(s string) (first, last, total int64, ok bool) {
	s, ok = strings.CutPrefix(s, "bytes ")
	span, size, found := strings.Cut(s, "/")
	if !ok || !found {
		return -1, -1, -1, false
	}
	first, last, total = -1, -1, -1
	var errs [3]error
	if size != "*" {
		total, errs[0] = strconv.ParseInt(size, 10, 64)
	}
	if span != "*" {
		a, b, _ := strings.Cut(span, "-")
		first, errs[1] = strconv.ParseInt(a, 10, 64)
		last, errs[2] = strconv.ParseInt(b, 10, 64)
		ok = first >= 0 && last >= first && (total < 0 || last < total)
	}
	return first, last, total, ok && errors.Join(errs[:]...) == nil
}
