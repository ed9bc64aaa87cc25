// Package network measures servers beside each other: this module's, package net's,
// and the fastest of others. Command bench runs it.
//
// Each server is a process of its own on a core of its own; the client, the same for
// all, has another core. In a round every server of a row is started, and then they
// take turns in short slices, A B C A B C, so that whatever else the machine does
// meets all of them. Each round has new processes: where a process happens to lie in
// memory changes its speed by several per cent.
//
// A slice begins and ends with a server that has nothing to do: the client sends a
// message on every connection, the next one there when the answer has come, and when
// the time is over it waits for the answers that are missing. So the CPU time of the
// server's process between the two moments is that of the messages which were counted.
package network

import (
	"errors"
	"strings"
	"time"
)

// ErrNotHere means that this system lacks what is needed to measure.
var ErrNotHere = errors.New("measured on Linux only")

// A Row is one comparison.
type Row struct {
	Name string // for -only
	Job  string // what is done

	Conns    int // connections
	Quick    int // connections with -quick
	Messages bool
	Sides    []string // names of servers, in the order in which they take turns
	Targets  []Target

	exchange exchange
}

// A Target is what the project wants: that Side costs at most Ratio times what Than
// costs or, where Than is empty, at most that many bytes.
type Target struct {
	Side, Than string
	Ratio      float64
}

// An exchange is a message of the client and the answer to it.
type exchange struct {
	request string
	prefix  string // the beginning of each answer; all of it where every answer is the same
	end     string // of the head of an answer whose head tells its length; "" where prefix is all
}

// message is the payload of an echo: 1 KiB.
var message = strings.Repeat("0123456789abcdef", 64)

var (
	echo  = exchange{request: message, prefix: message}
	plain = exchange{
		request: "GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n",
		prefix:  "HTTP/1.1 200 OK\r\n",
		end:     "\r\n\r\n",
	}
)

// greeting is the body of the answers of HTTP.
const greeting = "Hello, World!"

// Rows are the comparisons, in the order in which they run.
func Rows() []Row {
	echoes := []string{"aionet", "net", "gnet"}
	return []Row{
		{
			Name: "echo-one", Job: "echo of 1 KiB, 1 connection", Conns: 1, Quick: 1, Messages: true,
			Sides: echoes, Targets: []Target{{"aionet", "net", 1}}, exchange: echo,
		},
		{
			Name: "echo-64", Job: "echo of 1 KiB, 64 connections", Conns: 64, Quick: 64, Messages: true,
			Sides: echoes, Targets: []Target{{"aionet", "net", 0.92}, {"aionet", "gnet", 1}}, exchange: echo,
		},
		{
			Name: "echo-1000", Job: "echo of 1 KiB, 1,000 connections", Conns: 1000, Quick: 200, Messages: true,
			Sides: echoes, Targets: []Target{{"aionet", "net", 0.92}, {"aionet", "gnet", 1}}, exchange: echo,
		},
		{
			Name: "http", Job: "HTTP, 13 bytes of plain text, 64 connections", Conns: 64, Quick: 16, Messages: true,
			Sides:    []string{"aiohttp", "net/http", "aiohttp/fast", "fasthttp"},
			Targets:  []Target{{"aiohttp", "net/http", 0.85}, {"aiohttp/fast", "fasthttp", 1.05}},
			exchange: plain,
		},
		{
			Name: "idle", Job: "10,000 connections that wait for the next message", Conns: 10_000, Quick: 300,
			Sides:   []string{"aionet", "net", "aionet-on-data", "gnet"},
			Targets: []Target{{"aionet", "net", 1}, {"aionet-on-data", "", 1024}}, exchange: echo,
		},
		{
			Name: "keep-alive", Job: "10,000 connections of HTTP between two requests", Conns: 10_000, Quick: 300,
			Sides:   []string{"aiohttp", "net/http", "aiohttp/fast", "fasthttp"},
			Targets: []Target{{"aiohttp", "net/http", 1}, {"aiohttp/fast", "fasthttp", 1.05}}, exchange: plain,
		},
	}
}

// A Plan is how long to measure.
type Plan struct {
	Rounds  int           // each with new processes
	Slices  int           // turns of each server in a round
	Slice   time.Duration // of one turn
	Warm    time.Duration // before the first slice, not counted
	Quick   bool          // few connections
	Profile string        // a folder for the CPU profiles of the servers, where not empty
}

// Full is the plan for numbers, and Quick one that proves that it runs.
func Full(rounds int) Plan {
	return Plan{Rounds: rounds, Slices: 4, Slice: 250 * time.Millisecond, Warm: 200 * time.Millisecond}
}

// Quick is a plan that proves that everything runs, and how fast it does not.
func Quick(rounds int) Plan {
	return Plan{Rounds: rounds, Slices: 1, Slice: 10 * time.Millisecond, Quick: true}
}
