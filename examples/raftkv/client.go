package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

const (
	attemptTimeout = 1500 * time.Millisecond // for one answer of one node
	retryPause     = 100 * time.Millisecond  // between attempts, and up to half as much more
)

// ErrExpired is the error of a write by a client that the store has forgotten: others
// came since, in great numbers. It may have been carried out by an earlier attempt.
var ErrExpired = errors.New("raftkv: the store has forgotten this client: make a new one and read what is there")

// A Client talks to whichever node leads. Each call goes on until it has an answer or
// its ctx ends; then a write may have happened, or happen later, and happens once at
// most. It is for one task.
type Client struct {
	Nodes []string // addresses

	session, seq uint64
	next         int // the node to try
	conn         *aionet.Conn
	in           *aionet.Reader
}

// Put writes a value.
func (c *Client) Put(ctx context.Context, key, value string) error {
	_, err := c.write(ctx, request{Op: opPut, Key: key, Value: value})
	return err
}

// CompareAndSwap writes a value if the old one is there, and tells whether it was. The
// value of a key that was never written is "".
func (c *Client) CompareAndSwap(ctx context.Context, key, old, value string) (bool, error) {
	r, err := c.write(ctx, request{Op: opCAS, Key: key, Value: value, Old: old})
	return r.Done, err
}

// Get reads a value. It sees every write that had been answered when it was called.
func (c *Client) Get(ctx context.Context, key string) (string, error) {
	r, err := c.do(ctx, request{Op: opGet, Key: key})
	return r.Value, err
}

// Close gives up the connection. The next call makes another.
func (c *Client) Close() error {
	if c.conn == nil {
		return nil
	}
	err := c.conn.Close()
	c.conn, c.in = nil, nil
	return err
}

// write names the request, so that it is carried out once however often it is sent.
func (c *Client) write(ctx context.Context, q request) (response, error) {
	if c.session == 0 {
		r, err := c.do(ctx, request{Op: opOpen})
		if err != nil {
			return response{}, err
		}
		c.session = r.Client
	}
	c.seq++
	q.Client, q.Seq = c.session, c.seq
	r, err := c.do(ctx, q)
	if err == nil && r.Expired {
		err = ErrExpired
	}
	return r, err
}

// do sends a request until it is answered.
func (c *Client) do(ctx context.Context, q request) (response, error) {
	for {
		r, err := c.attempt(ctx, q)
		if err == nil && r.Error != "" {
			return r, errors.New("raftkv: " + r.Error)
		}
		if err == nil && !r.Again {
			return r, nil
		}
		if ctx.Err() != nil {
			return response{}, ctx.Err()
		}
		// The answer to this request may still come: it must not be taken for the next.
		c.abort()
		if leader := slices.Index(c.Nodes, r.Leader); leader >= 0 && leader != c.next {
			c.next = leader
			continue
		}
		c.next = (c.next + 1) % len(c.Nodes)
		if err := asyncio.Sleep(ctx, retryPause+jitter(ctx, retryPause)); err != nil {
			return response{}, err
		}
	}
}

// attempt sends a request to one node.
func (c *Client) attempt(ctx context.Context, q request) (r response, err error) {
	ctx, timeout := asyncio.WithTimeout(ctx, attemptTimeout)
	defer timeout.Cancel()
	defer func() {
		if err != nil {
			c.abort()
		}
	}()
	if c.conn == nil {
		if c.conn, err = aionet.Dial(ctx, "tcp", c.Nodes[c.next]); err != nil {
			c.conn = nil
			return response{}, err
		}
		c.in = aionet.NewReader(c.conn, 0)
		if _, err = c.conn.WriteContext(ctx, []byte{fromClient}); err != nil {
			return response{}, err
		}
	}
	if err = writeJSON(ctx, c.conn, q); err != nil {
		return response{}, err
	}
	err = readJSON(ctx, c.in, &r)
	return r, err
}

// abort drops the connection.
func (c *Client) abort() {
	if c.conn != nil {
		c.conn.Abort()
		c.conn, c.in = nil, nil
	}
}

// askStatus asks one node how it is.
func askStatus(ctx context.Context, node string) (status, error) {
	c := &Client{Nodes: []string{node}}
	defer c.Close()
	r, err := c.attempt(ctx, request{Op: opStatus})
	if err != nil {
		return status{}, err
	}
	return *r.Status, nil
}
