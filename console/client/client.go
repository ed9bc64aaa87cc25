// Package client asks the console of a program what its loops do: the HTTP interface of
// package console as methods. It needs neither the runtime nor the console.
//
// [Find] finds the programs of this user on this machine by themselves, and their
// tokens. Every method that takes a context waits for the answer until the context ends.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of an answer into memory: a page of a thousand tasks
// with names of full length has a few megabytes.
const maxAnswer = 64 << 20

// A Client asks one console. Any goroutine may use it.
type Client struct {
	address string
	token   string
	http    *http.Client
}

// New makes a client of the console at address, a HOST:PORT. Nothing is sent yet.
func New(address, token string) *Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &Client{address: address, token: token, http: &http.Client{
		// The token goes to the address that was named: through no proxy, after no redirect.
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Address is the HOST:PORT that is asked.
func (c *Client) Address() string { return c.address }

// Close gives up the connections that are kept for later questions. It is idempotent,
// and a question after it makes a new one.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A StatusError is an answer that is none: the console refuses the question.
type StatusError struct {
	Status  int    // of HTTP
	Message string // what the console says, at most a kilobyte
}

func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("the console answers %d %s", e.Status, http.StatusText(e.Status))
	}
	return "the console answers: " + e.Message
}

// Is makes errors.Is(err, ErrUnauthorized) work.
func (e *StatusError) Is(target error) bool {
	return target == ErrUnauthorized && e.Status == http.StatusUnauthorized
}

// What a question can end with besides a [StatusError] and the errors of package net.
var (
	ErrUnauthorized = errors.New("the console wants its token")
	ErrNoConsole    = errors.New("what answers is no console of asyncio, or one of another version")
)

// open asks, and returns the body of an answer with the status 200.
func (c *Client) open(ctx context.Context, path string, query url.Values, kind string) (io.ReadCloser, error) {
	u := url.URL{Scheme: "http", Host: c.address, Path: "/api/v1/" + path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, plainError(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	if got := mediaType(resp); kind != "" && got != kind {
		resp.Body.Close()
		return nil, fmt.Errorf("%w: it sends %q instead of %s", ErrNoConsole, got, kind)
	}
	return resp.Body, nil
}

func mediaType(resp *http.Response) string {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// plainError takes the address of the question off: it says nothing to people. A context
// that has ended is its cause.
func plainError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	failed := new(net.OpError)
	if errors.As(err, &failed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%w: %v", ErrNoConsole, err) // it answers, but not as HTTP has it
}

// refusal is what an answer says that is none. One that is not of our making comes from
// something else than a console.
func refusal(resp *http.Response) error {
	var says struct {
		Error string `json:"error"`
	}
	body := io.LimitReader(resp.Body, 1<<10)
	if mediaType(resp) == "application/json" && json.NewDecoder(body).Decode(&says) == nil {
		return &StatusError{Status: resp.StatusCode, Message: says.Error}
	}
	if resp.StatusCode == http.StatusUnauthorized {
		return &StatusError{Status: resp.StatusCode}
	}
	return fmt.Errorf("%w: its status is %d", ErrNoConsole, resp.StatusCode)
}

// get asks for JSON.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (answer T, err error) {
	body, err := c.open(ctx, path, query, "application/json")
	if err != nil {
		return answer, err
	}
	defer body.Close()
	if err := json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(&answer); err != nil {
		return answer, broken(ctx, err)
	}
	io.Copy(io.Discard, io.LimitReader(body, 1<<10)) // to its end, so that the connection is kept
	return answer, nil
}

// broken tells an answer that breaks off from one that makes no sense.
func broken(ctx context.Context, err error) error {
	syntax, kind := new(json.SyntaxError), new(json.UnmarshalTypeError)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &syntax), errors.As(err, &kind):
		return fmt.Errorf("%w: %v", ErrNoConsole, err)
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// hostPort makes a HOST:PORT of what people write: ":8765", "8765", "localhost:8765".
func hostPort(address string) (string, error) {
	full := address
	if !strings.Contains(address, ":") {
		full = ":" + address
	}
	host, port, err := net.SplitHostPort(full)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
		return "", fmt.Errorf("%q is %w: give HOST:PORT, such as 127.0.0.1:8765", address, ErrNoAddress)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
