// Package leaks calls what brings the clock and randomness with it.
package leaks

import (
	"context"

	"github.com/jackc/pgx/v5/pgproto3"
	"go.etcd.io/raft/v3"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/vet/testdata/plain"
)

func OfThisModule(ctx context.Context, b []byte) error {
	plain.Stamp() // want `plain.Stamp reads the real clock, by time.Now in github.com/goasyncio/asyncio/internal/vet/testdata/plain/plain.go:11 \(2 calls in this package lead there\): give it the time from asyncio.Now\(ctx\) \[clock\]`
	plain.Key(b)  // want `plain.Key draws random numbers that no seed decides, by crypto/rand.Reader in .*/plain/plain.go:13: give it a source made from a seed, or say why the numbers do not matter \[random\]`
	plain.Deep()  // want `plain.Deep draws random numbers that no seed decides, by math/rand/v2.IntN in .*/plain/plain.go:19`
	plain.Meant()
	plain.NewClock()
	plain.Later()
	plain.Seeded(1)
	return asyncio.Checkpoint(ctx)
}

func OfOthers(ctx context.Context, c *raft.Config, f *pgproto3.Frontend) error {
	raft.NewRawNode(c)            // want `raft.NewRawNode draws random numbers that no seed decides, by crypto/rand.Int in go.etcd.io/raft/v3/raft.go:\d+`
	f.Send(&pgproto3.Terminate{}) // it reads the clock for its trace
	return asyncio.Checkpoint(ctx)
}

func OffTheLoop(b []byte) {
	plain.Stamp()
	plain.Key(b)
}
