package fetch

import (
	"compress/flate"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// addressError says what is wrong with an address. Trying again does not help.
type addressError struct{ what string }

func (e *addressError) Error() string { return e.what }

// protocolError says how a server broke the rules. Trying again does not help.
type protocolError struct{ what string }

func (e *protocolError) Error() string { return e.what }

// statusError is an answer that is not the file.
type statusError struct {
	code  int
	after time.Duration // the server's Retry-After; -1 where it sent none
}

func (e *statusError) Error() string {
	text := http.StatusText(e.code)
	if text == "" {
		text = "a status that HTTP does not define"
	}
	return fmt.Sprintf("the server answered %d %s", e.code, text)
}

// cutError is a body that ended early, or a file that is not as long as announced.
type cutError struct{ got, want int64 }

func (e *cutError) Error() string {
	if e.want < 0 {
		return fmt.Sprintf("the body was cut short after %d bytes", e.got)
	}
	return fmt.Sprintf("the body was cut short: %d of %d bytes came", e.got, e.want)
}

// Unwrap makes a cutError an [io.ErrUnexpectedEOF].
func (e *cutError) Unwrap() error { return io.ErrUnexpectedEOF }

// timeoutError is the end of our own patience.
type timeoutError struct {
	what  string
	after time.Duration
	flag  string
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("%s %v (%s)", e.what, e.after, e.flag)
}

// Timeout makes a timeoutError a timeout in the sense of package net.
func (e *timeoutError) Timeout() bool { return true }

// Unwrap makes a timeoutError an [os.ErrDeadlineExceeded].
func (e *timeoutError) Unwrap() error { return os.ErrDeadlineExceeded }

// storeError is a failure on this side: of the disk, not of the network.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

// waitError is a server that wants us to come back later than we are told to wait.
type waitError struct {
	cause error
	after time.Duration
	limit time.Duration
}

func (e *waitError) Error() string {
	return fmt.Sprintf("%v and wants %v of waiting, more than --retry-max-wait %v", e.cause, e.after, e.limit)
}

func (e *waitError) Unwrap() error { return e.cause }

// isCorrupt tells broken compressed data, for which the library has several types.
func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

// transient tells whether the same request may well succeed later. What the user must
// repair (an address, a disk, a certificate) is final, and so is a refused connection:
// who waits for a service to start says so with --retry-refused.
func transient(err error, refusedToo bool) bool {
	var status *statusError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var address *addressError
	var protocol *protocolError
	var store *storeError
	switch {
	case errors.As(err, &status):
		return transientStatus(status.code)
	case errors.As(err, &store), errors.As(err, &address), errors.As(err, &protocol), errors.As(err, &cert):
		return false
	case errors.As(err, &dns):
		return !dns.IsNotFound
	case errors.Is(err, syscall.ECONNREFUSED):
		return refusedToo
	}
	return true
}

func transientStatus(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// explain says in one line, in plain words, why a download failed.
func explain(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var again *retriedError
	var store *storeError
	switch {
	case errors.As(err, &again):
		return fmt.Sprintf("%s (after %d attempts)", explain(again.err), again.attempts)
	case errors.As(err, &store):
		return oneLine(explainStore(store.err))
	case errors.As(err, &dns) && dns.IsNotFound:
		return oneLine("no such host: " + dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED) && errors.As(err, &op) && op.Addr != nil:
		return "connection refused: nothing listens at " + op.Addr.String()
	case errors.Is(err, syscall.ECONNRESET):
		return "the server broke the connection off (reset)"
	case errors.As(err, &cert):
		return oneLine("the server's certificate is not accepted: " + cert.Err.Error())
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server does not speak TLS there; try http:// instead of https://"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return oneLine(plain(err))
}

// plain strips what a client wraps around an error: the URL stands on the line already.
func plain(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, io.EOF) {
		return "the server closed the connection without an answer"
	}
	var timeout *timeoutError
	if t, ok := err.(interface{ Timeout() bool }); ok && t.Timeout() && !errors.As(err, &timeout) {
		return "no connection within the time given (--connect-timeout)"
	}
	return strings.TrimPrefix(err.Error(), "aiohttp: ")
}

func explainStore(err error) string {
	var p *fs.PathError
	name := "the file"
	if errors.As(err, &p) {
		name = p.Path
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk is full: " + name + " cannot grow; make room"
	case errors.Is(err, fs.ErrPermission):
		return "not allowed to write in " + filepath.Dir(name) + "; choose another folder with -o"
	case errors.Is(err, syscall.ENOTDIR):
		return name + " is in something that is not a folder; choose another folder with -o"
	}
	return "cannot write: " + err.Error()
}

// oneLine makes text from strangers fit for a terminal: one line, no control sequences.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.TrimSpace(s))
}
