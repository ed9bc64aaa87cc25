// Package page is the program of docs/VET.md.
package page

import (
	"context"
	"math/rand/v2"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

type node struct {
	peers map[string]aionet.Stream
	log   string
	seen  time.Time
}

func (n *node) heartbeat(ctx context.Context) error {
	for {
		for _, p := range n.peers {
			if _, err := p.WriteContext(ctx, []byte("alive\n")); err != nil {
				return err
			}
		}
		n.note("sent")
		pause := time.Second + rand.N(time.Second)
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (n *node) note(what string) {
	n.seen = time.Now()
	os.WriteFile(n.log, []byte(what), 0o666)
}
