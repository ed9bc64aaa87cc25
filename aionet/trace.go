package aionet

import (
	"context"
	"net"
	"net/http/httptrace"
	"net/netip"
)

// tracing is what a dialer tells the [httptrace.ClientTrace] of its context, as
// net.Dialer does: ConnectStart, ConnectDone, DNSStart and DNSDone. All of it is told
// on the loop, in the task that waits.
type tracing struct{ *httptrace.ClientTrace }

func tracingOf(ctx context.Context) tracing { return tracing{httptrace.ContextClientTrace(ctx)} }

func (t tracing) connectStart(network string, to net.Addr) {
	if t.ClientTrace != nil && t.ConnectStart != nil {
		t.ConnectStart(network, to.String())
	}
}

func (t tracing) connectDone(network string, to net.Addr, err error) {
	if t.ClientTrace != nil && t.ConnectDone != nil {
		t.ConnectDone(network, to.String(), err)
	}
}

func (t tracing) lookupStart(host string) {
	if t.ClientTrace != nil && t.DNSStart != nil {
		t.DNSStart(httptrace.DNSStartInfo{Host: host})
	}
}

func (t tracing) lookupDone(found []netip.Addr, err error) {
	if t.ClientTrace == nil || t.DNSDone == nil {
		return
	}
	var addrs []net.IPAddr
	for _, ip := range found {
		addrs = append(addrs, net.IPAddr{IP: ip.AsSlice(), Zone: ip.Zone()})
	}
	t.DNSDone(httptrace.DNSDoneInfo{Addrs: addrs, Err: err})
}

// hushed is ctx for a resolver, without the trace: net.Resolver would call its
// functions on a thread.
func (t tracing) hushed(ctx context.Context) context.Context {
	if t.ClientTrace == nil {
		return ctx
	}
	// Package net has the trace under a key of its own, which only a new trace with a
	// function for package net replaces. It would call those of the old one as well
	// if it found it.
	return httptrace.WithClientTrace(traceless{ctx}, &httptrace.ClientTrace{DNSStart: func(httptrace.DNSStartInfo) {}})
}

// traceless is a context without a trace.
type traceless struct{ context.Context }

// Value implements context.Context.
func (c traceless) Value(key any) any {
	v := c.Context.Value(key)
	if _, ok := v.(*httptrace.ClientTrace); ok {
		return nil
	}
	return v
}
