package main

import (
	"context"
	"errors"
	"fmt"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// errLost is the error of a start where the log begins behind the snapshot.
var errLost = errors.New("the log begins behind the snapshot: entries are lost; delete the folder, and the others send their snapshot")

// recover puts together what the files have.
func (d *disk) recover(ctx context.Context, s saved) (saved, error) {
	b, err := d.readFile(ctx, snapshotFile)
	if err != nil {
		return saved{}, err
	}
	if b != nil {
		s.snapshot = &pb.Snapshot{}
		if err := proto.Unmarshal(b, s.snapshot); err != nil {
			return saved{}, fmt.Errorf("the snapshot: %w", err)
		}
	}
	if b, err = d.readFile(ctx, logFile); err != nil {
		return saved{}, err
	}
	if len(b) == 0 {
		return s, nil
	}
	return s, s.readLog(b)
}

// readLog adds what is in the log, up to the first record that is not whole: what comes
// behind was not synced, so nobody was told that it is kept.
func (s *saved) readLog(b []byte) error {
	base := &pb.SnapshotMetadata{}
	var entries []*pb.Entry
	for {
		kind, body, rest, ok := nextRecord(b)
		if !ok {
			break
		}
		b = rest
		switch kind {
		case kindBase:
			if err := proto.Unmarshal(body, base); err != nil {
				return fmt.Errorf("the log: %w", err)
			}
		case kindState:
			s.state = &pb.HardState{}
			if err := proto.Unmarshal(body, s.state); err != nil {
				return fmt.Errorf("the log: %w", err)
			}
		case kindEntry:
			e := &pb.Entry{}
			if err := proto.Unmarshal(body, e); err != nil {
				return fmt.Errorf("the log: %w", err)
			}
			if entries = addEntry(entries, base.GetIndex(), e); entries == nil {
				return fmt.Errorf("the log: entry %d does not follow what is before it", e.GetIndex())
			}
		default:
			return fmt.Errorf("the log: no record is of kind %q", kind)
		}
	}
	return s.join(base, entries)
}

// addEntry adds e, in the place of whatever was at its index and behind. It is nil where
// e leaves a gap.
func addEntry(entries []*pb.Entry, base uint64, e *pb.Entry) []*pb.Entry {
	at := e.GetIndex() - base - 1 // an index before the base becomes a huge number
	if at > uint64(len(entries)) {
		return nil
	}
	return append(entries[:at], e)
}

// join puts the log behind the snapshot. A crash between the two files leaves a log that
// begins before its end: what the snapshot has is dropped. Where the log does not have
// the entry at which the snapshot ends, it is another history, and all of it is dropped:
// what followed there was never committed.
func (s *saved) join(base *pb.SnapshotMetadata, entries []*pb.Entry) error {
	index, term := s.snapshot.GetMetadata().GetIndex(), s.snapshot.GetMetadata().GetTerm()
	if base.GetIndex() > index {
		return errLost
	}
	last, behind := base.GetTerm(), index-base.GetIndex()
	if behind > uint64(len(entries)) {
		entries, behind = nil, 0
	} else if behind > 0 {
		last = entries[behind-1].GetTerm()
	}
	if last == term {
		s.entries = entries[behind:]
	}
	s.state = clamp(s.state, index, index+uint64(len(s.entries)))
	return nil
}

// clamp brings the commit index to where the log is: it may have been written before the
// entries it speaks of, or the snapshot after it.
func clamp(state *pb.HardState, first, last uint64) *pb.HardState {
	state = proto.Clone(state).(*pb.HardState)
	state.Commit = new(min(max(state.GetCommit(), first), last))
	return state
}
