package aionet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio"
)

// opError is err as package net returns it (rule N5): a *net.OpError, with the
// system's call where a bare errno is the reason. What is not about the network
// stays as it is: the end, a cancellation, a wait in the wrong place.
func opError(op, network string, source, addr net.Addr, err error) error {
	if err == nil || !aboutTheNetwork(err) {
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: source, Addr: addr, Err: wrapCall(op, err)}
}

// networkName is the network of an address, which the system may have failed to tell.
func networkName(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.Network()
}

func aboutTheNetwork(err error) bool {
	switch err {
	case io.EOF, ErrPartialWrite:
		return false
	case net.ErrClosed, os.ErrDeadlineExceeded:
		return true
	}
	return !ofTheRuntime(err)
}

// ofTheRuntime tells errors of waits, which are no errors of the network.
func ofTheRuntime(err error) bool {
	for _, own := range [...]error{
		context.Canceled, context.DeadlineExceeded, asyncio.ErrBusy, asyncio.ErrOtherLoop,
		asyncio.ErrNoLoop, asyncio.ErrNotInTask, asyncio.ErrLoopClosed,
	} {
		if errors.Is(err, own) {
			return true
		}
	}
	return false
}

// wrapCall puts the name of the system's call before a bare errno.
func wrapCall(call string, err error) error {
	if e, ok := err.(syscall.Errno); ok {
		return os.NewSyscallError(call, e)
	}
	return err
}
