//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func TestThePipeOfAFileIsAStream(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	onLoop(t, func(ctx context.Context) error {
		in, err := aionet.FileConn(ctx, r)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := aionet.FileConn(ctx, w)
		if err != nil {
			return err
		}
		w.Close() // ours is a duplicate
		writer := asyncio.Go(ctx, func(ctx context.Context) error {
			defer out.Close()
			_, err := out.WriteContext(ctx, []byte(strings.Repeat("x", 300_000)))
			return err
		})
		got, err := io.ReadAll(in)
		if len(got) != 300_000 {
			t.Errorf("read %d bytes", len(got))
		}
		_, err2 := writer.Await(ctx)
		return errors.Join(err, err2)
	})
}

func TestReliabilityF7WhatCannotBeWaitedForIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	onLoop(t, func(ctx context.Context) error {
		if _, err := aionet.FileConn(ctx, f); err == nil || !strings.Contains(err.Error(), "ToThread") {
			t.Errorf("a regular file: %v", err)
		}
		if _, err := aionet.FileListener(ctx, f); err == nil {
			t.Error("FileListener took a regular file")
		}
		r, w, _ := os.Pipe()
		defer r.Close()
		w.Close()
		if _, err := aionet.FileConn(ctx, w); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("a closed file: %v", err)
		}
		if _, err := aionet.FilePacketConn(ctx, r); !errors.Is(err, syscall.EPROTOTYPE) {
			t.Errorf("a pipe as a packet socket: %v", err)
		}
		return nil
	})
}

func TestAListenerAndItsConnectionsAreAdopted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	onLoop(t, func(ctx context.Context) error {
		ours, err := aionet.FileListener(ctx, f)
		if err != nil {
			return err
		}
		defer ours.Close()
		if ours.Addr().String() != l.Addr().String() {
			t.Errorf("address %v, want %v", ours.Addr(), l.Addr())
		}
		c, err := aionet.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer c.Close()
		served, err := ours.AcceptContext(ctx)
		if err != nil {
			return err
		}
		return served.Close()
	})
}
