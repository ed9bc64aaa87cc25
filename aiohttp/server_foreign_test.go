package aiohttp_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

func TestAServerRefusesWhatWouldBlockTheLoop(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		s := &aiohttp.Server{Handler: http.NotFoundHandler()}
		if err := s.Serve(ctx, l); err == nil || !strings.Contains(err.Error(), "aionet.Listen") {
			t.Errorf("a listener of package net: %v", err)
		}
		if err := s.ServeConn(ctx, c); err == nil || !strings.Contains(err.Error(), "aionet.Adopt") {
			t.Errorf("a connection of package net: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
