package aiohttp_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

const plaintext = "GET /plaintext HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\nAccept: text/plain\r\n\r\n"

func servePlaintext(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "Hello, World!")
}

// A request allocates less here than with net/http, by whose parser it is read.
func TestAllocationsOfARequest(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	ours, theirs := allocationsOfOurs(t), allocationsOfNetHTTP(t)
	t.Logf("%.1f allocations for each request, net/http: %.1f", ours, theirs)
	if ours >= theirs {
		t.Errorf("%.1f allocations for each request, net/http: %.1f", ours, theirs)
	}
}

func allocationsOfOurs(t *testing.T) (n float64) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		s := &aiohttp.Server{Handler: http.HandlerFunc(servePlaintext)}
		near, far := aionet.Pipe(ctx, aionet.DefaultBuffer)
		defer near.Close()
		asyncio.Go(ctx, func(ctx context.Context) error { return s.ServeConn(ctx, far) })
		n = allocationsOf(t, near)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

func allocationsOfNetHTTP(t *testing.T) float64 {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(servePlaintext)}
	go s.Serve(l)
	defer s.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return allocationsOf(t, c)
}

// allocationsOf counts those of one request and its response.
func allocationsOf(t *testing.T, c net.Conn) float64 {
	request, in := []byte(plaintext), bufio.NewReader(c)
	return testing.AllocsPerRun(1000, func() {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				t.Fatal(err)
			}
			if len(line) == len("\r\n") {
				break
			}
		}
		in.Discard(len("Hello, World!"))
	})
}
