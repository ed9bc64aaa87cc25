package network

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// serving is a server that does with each connection what handle says.
func serving(t *testing.T, handle func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", anywhere)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}()
	return l.Addr().String()
}

// driven is the error of a client that sends to such a server.
func driven(t *testing.T, x exchange, handle func(net.Conn)) (int, error) {
	t.Helper()
	c, err := dial(serving(t, handle), 3, x)
	if err != nil {
		return 0, err
	}
	defer c.close()
	return c.drive(0)
}

func TestTheClientSendsOneMessageOnEachConnectionAtLeast(t *testing.T) {
	n, err := driven(t, echo, func(c net.Conn) { io.Copy(c, c) })
	if n != 3 || err != nil {
		t.Errorf("%d messages on 3 connections in no time, error %v", n, err)
	}
}

func TestTheClientGoesOnUntilTheTimeIsOver(t *testing.T) {
	c, err := dial(serving(t, func(c net.Conn) { io.Copy(c, c) }), 2, echo)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	begin := time.Now()
	n, err := c.drive(20 * time.Millisecond)
	if took := time.Since(begin); err != nil || took < 20*time.Millisecond {
		t.Errorf("%d messages in %v, error %v", n, took, err)
	}
	if c.latency.n != n {
		t.Errorf("%d messages and %d times", n, c.latency.n)
	}
}

func TestAnAnswerMayComeInPieces(t *testing.T) {
	n, err := driven(t, echo, func(c net.Conn) {
		buf := make([]byte, 100)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			c.Write(buf[:n/2])
			time.Sleep(time.Microsecond)
			c.Write(buf[n/2 : n])
		}
	})
	if n != 3 || err != nil {
		t.Errorf("%d messages, error %v", n, err)
	}
}

func TestTheClientRefusesAnswers(t *testing.T) {
	for what, c := range map[string]struct {
		x      exchange
		handle func(net.Conn)
		err    string
	}{
		"that are not what was sent": {echo, func(c net.Conn) {
			io.ReadFull(c, make([]byte, len(message)))
			io.WriteString(c, strings.Repeat("x", len(message)))
			io.Copy(io.Discard, c)
		}, "a wrong answer"},
		"that are longer": {echo, func(c net.Conn) {
			io.ReadFull(c, make([]byte, len(message)))
			io.WriteString(c, message+"x")
			io.Copy(io.Discard, c)
		}, "an answer of 1025 bytes"},
		"that end early": {echo, func(c net.Conn) {
			io.ReadFull(c, make([]byte, len(message)))
			io.WriteString(c, message[:10])
		}, errNoAnswer.Error()},
		"that are of another status": {plain, func(c net.Conn) {
			buf := make([]byte, len(plain.request))
			for {
				if _, err := io.ReadFull(c, buf); err != nil {
					return
				}
				io.WriteString(c, "HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n")
			}
		}, "a wrong answer"},
		"whose end nobody knows": {plain, func(c net.Conn) {
			io.ReadFull(c, make([]byte, len(plain.request)))
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			io.Copy(io.Discard, c)
		}, "does not tell its length"},
		"that have no end": {plain, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 10_000))
			io.Copy(io.Discard, c)
		}, "an answer of more than"},
		"from servers that hang up": {plain, func(c net.Conn) {}, errNoAnswer.Error()},
	} {
		t.Run(what, func(t *testing.T) {
			if n, err := driven(t, c.x, c.handle); err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%d messages, error %v, must say %q", n, err, c.err)
			}
		})
	}
}

func TestTheClientDoesNotWaitForEver(t *testing.T) {
	patience = 50 * time.Millisecond
	defer func() { patience = 10 * time.Second }()
	_, err := driven(t, echo, func(c net.Conn) { io.Copy(io.Discard, c) })
	if err == nil || !strings.Contains(err.Error(), "3 answers are missing") {
		t.Errorf("error %v from a server that does not answer", err)
	}
}

func TestAnswerLength(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nDate: today\r\ncontent-LENGTH:  13 \r\nX: y\r\n\r\n"
	for text, want := range map[string]int{
		"":                    0,
		head[:20]:             0,
		head[:len(head)-1]:    0,
		head:                  len(head) + 13,
		head + "Hello, World": len(head) + 13,
	} {
		if got, err := answerLength([]byte(text), plain.end); got != want || err != nil {
			t.Errorf("of %q: %d, must be %d; error %v", text, got, want, err)
		}
	}
	if _, err := answerLength([]byte("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), plain.end); err == nil {
		t.Error("a length that is no number passed")
	}
}
