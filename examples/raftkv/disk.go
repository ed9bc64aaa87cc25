package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/goasyncio/asyncio/aiofs"
)

// The files of a node. Each is replaced as a whole: a crash leaves the old one or the new
// one. To the log records are appended as well.
const (
	logFile      = "log"
	snapshotFile = "snapshot"
)

// A disk keeps what a node must not forget: a snapshot of the store, and the log since.
// Any error of it ends the node: after a failed sync nobody knows what is on the disk,
// and only a restart, which reads it, finds out.
type disk struct {
	fs   aiofs.FS
	dir  string
	bugs Bugs
	log  aiofs.File // open at its end
}

// A saved is what a disk has kept.
type saved struct {
	snapshot *pb.Snapshot
	state    *pb.HardState
	entries  []*pb.Entry // those behind the snapshot
}

// openDisk reads what is there. Where that is nothing, it is as first says.
func openDisk(ctx context.Context, dir string, first saved, bugs Bugs) (*disk, saved, error) {
	d := &disk{fs: aiofs.FromContext(ctx), dir: dir, bugs: bugs}
	if err := d.sweep(ctx); err != nil {
		return nil, saved{}, fmt.Errorf("recovery: %w", err)
	}
	s, err := d.recover(ctx, first)
	if err != nil {
		return nil, saved{}, fmt.Errorf("recovery: %w", err)
	}
	// A new file for the log: behind the torn end of the old one nothing could be found
	// again.
	if err := d.cut(ctx, s); err != nil {
		return nil, saved{}, fmt.Errorf("recovery: %w", err)
	}
	return d, s, nil
}

// sweep removes what crashes have left of files that were not complete.
func (d *disk) sweep(ctx context.Context) error {
	files, err := d.fs.ReadDir(ctx, d.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if name := f.Name(); strings.Contains(name, ".tmp") {
			if err := d.fs.Remove(ctx, path.Join(d.dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close gives the log's file back. It syncs nothing.
func (d *disk) Close(ctx context.Context) error {
	if d.log == nil {
		return nil
	}
	f := d.log
	d.log = nil
	return f.Close(ctx)
}

// save appends to the log, and syncs it where nobody may be told before it is safe.
func (d *disk) save(ctx context.Context, state *pb.HardState, entries []*pb.Entry, sync bool) error {
	b, err := appendLog(nil, state, entries)
	if err != nil || len(b) == 0 {
		return err
	}
	if _, err := d.log.Write(ctx, b); err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	if !sync || d.bugs.AckBeforeSync {
		return nil
	}
	if err := d.log.Sync(ctx); err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	return nil
}

// compact puts a snapshot in the place of the log up to it. The order matters: only
// when the snapshot cannot be lost any more the log is cut.
func (d *disk) compact(ctx context.Context, s saved) error {
	b, err := proto.Marshal(s.snapshot)
	if err != nil {
		return fmt.Errorf("the snapshot: %w", err)
	}
	if err := aiofs.WriteFileAtomic(ctx, d.fs, path.Join(d.dir, snapshotFile), b, 0o600); err != nil {
		return fmt.Errorf("the snapshot: %w", err)
	}
	return d.cut(ctx, s)
}

// cut begins a new file for the log, with what is behind the snapshot.
func (d *disk) cut(ctx context.Context, s saved) error {
	b, err := appendRecord(nil, kindBase, s.snapshot.GetMetadata())
	if err != nil {
		return err
	}
	if b, err = appendLog(b, s.state, s.entries); err != nil {
		return err
	}
	if err := d.Close(ctx); err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	name := path.Join(d.dir, logFile)
	if err := aiofs.WriteFileAtomic(ctx, d.fs, name, b, 0o600); err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	f, err := d.fs.OpenFile(ctx, name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	d.log = f
	return nil
}

// appendLog appends the records of a state, where there is one, and of entries.
func appendLog(b []byte, state *pb.HardState, entries []*pb.Entry) (_ []byte, err error) {
	if !raft.IsEmptyHardState(state) {
		if b, err = appendRecord(b, kindState, state); err != nil {
			return nil, err
		}
	}
	for _, e := range entries {
		if b, err = appendRecord(b, kindEntry, e); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// readFile is the content of a file; of one that is not there it is nil.
func (d *disk) readFile(ctx context.Context, name string) ([]byte, error) {
	b, err := aiofs.ReadFile(ctx, d.fs, path.Join(d.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}
