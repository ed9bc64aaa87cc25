package sim_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/sim"
)

// Programs of the corpus that need an unlucky latency, loss or crash.

const ms = time.Millisecond

// replyAndTimeout: the reply may come at the very moment of the timeout.
func replyAndTimeout(w *sim.World, repaired bool) {
	latency := time.Duration(1+w.Int(20, "latency")) * ms
	c := crew{w: w}
	decided, charged, refunded := false, false, false
	c.task("reply", func(ctx context.Context) {
		asyncio.Sleep(ctx, latency)
		if refunded || repaired && decided {
			return
		}
		decided = true
		asyncio.Yield(ctx)
		charged = true
	})
	c.task("timeout", func(ctx context.Context) {
		asyncio.Sleep(ctx, 10*ms)
		if charged || repaired && decided {
			return
		}
		decided = true
		asyncio.Yield(ctx)
		refunded = true
	})
	if c.join(); charged && refunded {
		w.Errorf("charged and refunded")
	}
}

// sentAgain: a request whose acknowledgement is lost is sent again, and counts twice.
func sentAgain(w *sim.World, repaired bool) {
	requests, acks := asyncio.NewQueue[int](asyncio.Unbounded), asyncio.NewQueue[int](asyncio.Unbounded)
	counted, seen := 0, map[int]bool{}
	c := crew{w: w}
	server := c.task("server", func(ctx context.Context) {
		for r := range requests.All(ctx) {
			if !repaired || !seen[r] {
				counted++
			}
			if seen[r] = true; !w.Chance(0.05, "acknowledgement lost") {
				acks.Put(ctx, r)
			}
		}
	})
	c.task("client", func(ctx context.Context) {
		for r := range 3 {
			for acknowledged := false; !acknowledged; {
				if !w.Chance(0.05, "request lost") {
					requests.Put(ctx, r)
				}
				ctx, timeout := asyncio.WithTimeout(ctx, 10*ms)
				_, err := acks.Get(ctx)
				timeout.Cancel()
				acknowledged = err == nil
			}
		}
		server.Cancel(nil)
	})
	if c.join(); counted != 3 {
		w.Errorf("three requests count as %d", counted)
	}
}

// lease: the first node pauses between its look at the lease and its write; meanwhile
// the lease runs out and the second node takes it.
func lease(w *sim.World, repaired bool) {
	c, holder := crew{w: w}, ""
	var expires time.Duration
	node := func(name string, start time.Duration) {
		c.task(name, func(ctx context.Context) {
			asyncio.Sleep(ctx, start)
			if holder == "" || w.Now() >= expires {
				holder, expires = name, w.Now()+10*ms
			}
			if holder != name {
				return
			}
			asyncio.Sleep(ctx, time.Duration(1+w.Int(15, "pause"))*ms)
			if repaired && (holder != name || w.Now() >= expires) {
				return // the storage has seen a newer token
			}
			if holder != name {
				w.Errorf("%s writes under the lease of %s", name, holder)
			}
		})
	}
	node("n0", ms)
	node("n1", ms+time.Duration(w.Int(30, "start"))*ms)
	c.join()
}

// renamedUnsynced: a file gets its name before its content is on the disk, and then the
// power fails.
func renamedUnsynced(w *sim.World, repaired bool) {
	content, crashed := []byte("new"), false
	db := w.Host("db", func(ctx context.Context) (err error) {
		if !crashed {
			return publish(ctx, repaired)
		}
		content, err = read(ctx, "/file")
		return err
	})
	asyncio.Sleep(w.Context(), w.Duration(0, 30*ms, "moment of the crash"))
	crashed = true
	w.Crash(db)
	w.Restart(db)
	for db.Running() {
		asyncio.Sleep(w.Context(), ms)
	}
	if string(content) != "new" {
		w.Errorf("the file is there, and its content is %q", content)
	}
}

// publish writes a file, gives it its name, and some time later the system syncs all.
func publish(ctx context.Context, repaired bool) error {
	fsys := aiofs.FromContext(ctx)
	asyncio.Sleep(ctx, 4*ms)
	f, err := aiofs.Create(ctx, fsys, "/file.tmp")
	if err != nil {
		return err
	}
	if _, err := f.Write(ctx, []byte("new")); err != nil {
		return err
	}
	if repaired {
		if err := f.Sync(ctx); err != nil {
			return err
		}
	}
	if err := fsys.Rename(ctx, "/file.tmp", "/file"); err != nil {
		return err
	}
	asyncio.Sleep(ctx, 20*ms)
	if err := f.Sync(ctx); err != nil {
		return err
	}
	return f.Close(ctx)
}

// read is the content of a file, or what it is to be where there is none.
func read(ctx context.Context, name string) ([]byte, error) {
	f, err := aiofs.Open(ctx, aiofs.FromContext(ctx), name)
	if errors.Is(err, fs.ErrNotExist) {
		return []byte("new"), nil
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, 10)
	n, err := f.Read(ctx, b)
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}
