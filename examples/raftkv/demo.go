package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// keys is how many the demonstration writes before the crash, and as many after it.
const keys = 50

// A cluster is three nodes, each a child process of this one.
type cluster struct {
	dir   string
	peers map[uint64]string
	nodes map[uint64]*aioexec.Cmd
}

// demo starts a cluster, writes, kills the leader, goes on, and shows that the killed
// node catches up when it is back.
func demo(ctx context.Context) (err error) {
	c, err := newCluster()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.end(ctx)) }()
	for _, id := range sorted(c.peers) {
		if err := c.start(ctx, id); err != nil {
			return err
		}
	}
	fmt.Println("three nodes run, each a process of its own")

	client := &Client{Nodes: addresses(c.peers)}
	defer client.Close()
	if err := fill(ctx, client, "before"); err != nil {
		return err
	}
	leader, err := c.leader(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("node %d leads; %d keys are written\n", leader, keys)

	begin := asyncio.Now(ctx)
	if err := c.kill(ctx, leader); err != nil {
		return err
	}
	if err := fill(ctx, client, "without"); err != nil {
		return err
	}
	took := asyncio.Now(ctx).Sub(begin).Round(100 * time.Millisecond)
	successor, err := c.leader(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("node %d was killed; node %d leads, and %d more keys were written within %v\n", leader, successor, keys, took)

	if err := c.start(ctx, leader); err != nil {
		return err
	}
	if err := c.caughtUp(ctx, leader, successor); err != nil {
		return err
	}
	fmt.Printf("node %d is back and has caught up with node %d\n", leader, successor)
	return verify(ctx, client)
}

// fill writes the keys of a group, each with its number.
func fill(ctx context.Context, client *Client, group string) error {
	ctx, timeout := asyncio.WithTimeout(ctx, patience)
	defer timeout.Cancel()
	for i := range keys {
		if err := client.Put(ctx, fmt.Sprintf("%s-%d", group, i), fmt.Sprint(i)); err != nil {
			return err
		}
	}
	return nil
}

// verify reads everything back.
func verify(ctx context.Context, client *Client) error {
	for _, group := range []string{"before", "without"} {
		for i := range keys {
			key := fmt.Sprintf("%s-%d", group, i)
			value, err := client.Get(ctx, key)
			if err != nil {
				return err
			}
			if value != fmt.Sprint(i) {
				return fmt.Errorf("%s is %q: a write is lost", key, value)
			}
		}
	}
	fmt.Printf("all %d keys are there\n", 2*keys)
	return nil
}

// newCluster prepares a folder and free ports.
//
//asyncio:ok the nodes are processes of the system
func newCluster() (*cluster, error) {
	dir, err := os.MkdirTemp("", "raftkv")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, peers: map[uint64]string{}, nodes: map[uint64]*aioexec.Cmd{}}
	for id := uint64(1); id <= 3; id++ {
		l, err := net.Listen("tcp", "127.0.0.1:0") // finds a port that is free
		if err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
		defer l.Close() // when there are three different ones
		c.peers[id] = l.Addr().String()
	}
	return c, nil
}

// start starts a node on what it has on its disk.
func (c *cluster) start(ctx context.Context, id uint64) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	var peers []string
	for _, peer := range sorted(c.peers) {
		peers = append(peers, fmt.Sprintf("%d=%s", peer, c.peers[peer]))
	}
	cmd := aioexec.Command(program, "node", "-id", fmt.Sprint(id), "-peers", strings.Join(peers, ","),
		"-dir", filepath.Join(c.dir, fmt.Sprint(id)), "-snapshot", "40")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
	c.nodes[id] = cmd
	return cmd.Start(ctx)
}

// kill ends a node as a power failure would, but for the system's memory.
func (c *cluster) kill(ctx context.Context, id uint64) error {
	if err := c.nodes[id].Kill(); err != nil {
		return err
	}
	c.nodes[id].Wait(ctx) // its error is that it was killed
	return ctx.Err()
}

// leader waits until all nodes that answer name the same one that leads.
func (c *cluster) leader(ctx context.Context) (leader uint64, err error) {
	err = c.poll(ctx, func() bool {
		leader = 0
		for _, id := range sorted(c.peers) {
			s, err := askStatus(ctx, c.peers[id])
			if err == nil && (s.Lead == 0 || leader != 0 && s.Lead != leader) {
				return false
			}
			if err == nil {
				leader = s.Lead
			}
		}
		return leader != 0
	})
	return leader, err
}

// caughtUp waits until a node has applied what another one has.
func (c *cluster) caughtUp(ctx context.Context, id, other uint64) error {
	return c.poll(ctx, func() bool {
		theirs, err := askStatus(ctx, c.peers[other])
		if err != nil {
			return false
		}
		its, err := askStatus(ctx, c.peers[id])
		return err == nil && its.Applied >= theirs.Applied
	})
}

// poll waits until something is the case.
func (c *cluster) poll(ctx context.Context, holds func() bool) error {
	ctx, timeout := asyncio.WithTimeout(ctx, patience)
	defer timeout.Cancel()
	for !holds() {
		if err := asyncio.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// end ends the nodes that run, and removes what they have written.
func (c *cluster) end(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, id := range sorted(c.nodes) {
		c.nodes[id].Kill()
		c.nodes[id].Wait(ctx)
	}
	return os.RemoveAll(c.dir) //asyncio:ok what processes of the system have written
}
