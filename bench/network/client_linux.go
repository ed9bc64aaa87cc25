package network

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long the client waits for an answer. The tests have less.
var patience = 10 * time.Second

// A client has connections to one server. It is one thread that asks epoll which of
// them have data, and as cheap as that can be: a read and a write for each message.
type client struct {
	exchange exchange
	request  []byte
	prefix   []byte
	length   int // of an answer
	epoll    int
	conns    []clientConn
	latency  histogram
	events   [256]unix.EpollEvent
	buf      [8 << 10]byte
}

type clientConn struct {
	fd   int
	got  int // bytes of the answer so far
	sent time.Time
}

// dial opens n connections.
func dial(address string, n int, x exchange) (*client, error) {
	c := &client{exchange: x, request: []byte(x.request), prefix: []byte(x.prefix), length: len(x.prefix)}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	if c.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	for range n {
		if err := c.connect(to); err != nil {
			c.close()
			return nil, fmt.Errorf("connection %d of %d: %w", len(c.conns)+1, n, err)
		}
	}
	if x.end != "" {
		if err := c.measureAnswer(); err != nil {
			c.close()
			return nil, err
		}
	}
	for i := range c.conns {
		fd := c.conns[i].fd
		ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
		if err := errors.Join(unix.SetNonblock(fd, true), unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &ev)); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *client) connect(to netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.conns = append(c.conns, clientConn{fd: fd})
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	// Close by a reset: the thousands of connections of the rounds would else stay in
	// the system's tables for a minute each.
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return err
	}
	for {
		err := unix.Connect(fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())})
		if err != unix.EINTR {
			return err
		}
	}
}

// measureAnswer learns the length of the answers from the first one: those of one
// server are all of the same length.
func (c *client) measureAnswer() error {
	fd := c.conns[0].fd
	if _, err := unix.Write(fd, c.request); err != nil {
		return err
	}
	for n := 0; n < len(c.buf); {
		k, err := unix.Read(fd, c.buf[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || k == 0 {
			return fmt.Errorf("no answer but %q: %w", c.buf[:n], errors.Join(err, errNoAnswer))
		}
		n += k
		if whole, err := answerLength(c.buf[:n], c.exchange.end); err != nil || whole == n {
			c.length = n
			return err
		}
	}
	return fmt.Errorf("an answer of more than %d bytes", len(c.buf))
}

var errNoAnswer = errors.New("the server gave no answer")

// answerLength is how long an answer of HTTP is that begins with b, or 0 where its head
// is not complete.
func answerLength(b []byte, end string) (int, error) {
	head, _, found := bytes.Cut(b, []byte(end))
	if !found {
		return 0, nil
	}
	const field = "\r\ncontent-length:"
	i := bytes.Index(bytes.ToLower(head), []byte(field))
	if i < 0 {
		return 0, fmt.Errorf("the answer does not tell its length: %q", b)
	}
	value, _, _ := bytes.Cut(head[i+len(field):], []byte("\r\n"))
	n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
	return len(head) + len(end) + n, err
}

// drive sends a message on each connection, and the next one when the answer has come,
// for d; then it waits for the answers under way. It returns how many messages were
// answered: at least one on each connection.
func (c *client) drive(d time.Duration) (answered int, err error) {
	end := time.Now().Add(d)
	for i := range c.conns {
		if err := c.send(i, time.Now()); err != nil {
			return 0, err
		}
	}
	for open := len(c.conns); open > 0; {
		n, err := unix.EpollWait(c.epoll, c.events[:], int(patience.Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return answered, fmt.Errorf("%d answers are missing: %w", open, errors.Join(err, errNoAnswer))
		}
		for _, ev := range c.events[:n] {
			whole, err := c.receive(int(ev.Fd))
			if err != nil {
				return answered, err
			}
			if !whole {
				continue
			}
			answered++
			now := time.Now()
			c.latency.add(now.Sub(c.conns[ev.Fd].sent))
			if now.After(end) {
				open--
			} else if err := c.send(int(ev.Fd), now); err != nil {
				return answered, err
			}
		}
	}
	return answered, nil
}

func (c *client) send(i int, now time.Time) error {
	c.conns[i].got, c.conns[i].sent = 0, now
	n, err := unix.Write(c.conns[i].fd, c.request)
	if err == nil && n < len(c.request) {
		err = errors.New("a message does not fit into the socket's buffer")
	}
	return err
}

// receive takes what has come, and reports whether the answer is whole.
func (c *client) receive(i int) (whole bool, err error) {
	conn := &c.conns[i]
	n, err := unix.Read(conn.fd, c.buf[:])
	if err == unix.EINTR || err == unix.EAGAIN {
		return false, nil
	}
	if err != nil || n == 0 {
		return false, fmt.Errorf("the server has closed a connection: %w", errors.Join(err, errNoAnswer))
	}
	if rest := c.prefix[min(conn.got, len(c.prefix)):]; !bytes.Equal(c.buf[:min(n, len(rest))], rest[:min(n, len(rest))]) {
		return false, fmt.Errorf("a wrong answer: %q", c.buf[:n])
	}
	if conn.got += n; conn.got > c.length {
		return false, fmt.Errorf("an answer of %d bytes, must be %d: %q", conn.got, c.length, c.buf[:n])
	}
	return conn.got == c.length, nil
}

func (c *client) close() {
	for _, conn := range c.conns {
		unix.Close(conn.fd)
	}
	unix.Close(c.epoll)
}
