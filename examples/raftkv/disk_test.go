package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	pb "go.etcd.io/raft/v3/raftpb"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func snapshotAt(index, term uint64, data string) *pb.Snapshot {
	return &pb.Snapshot{Data: []byte(data), Metadata: &pb.SnapshotMetadata{
		Index: new(index), Term: new(term), ConfState: &pb.ConfState{Voters: []uint64{1, 2, 3}},
	}}
}

func stateOf(term, vote, commit uint64) *pb.HardState {
	return &pb.HardState{Term: new(term), Vote: new(vote), Commit: new(commit)}
}

var fresh = saved{snapshot: snapshotAt(1, 1, ""), state: stateOf(1, 0, 1)}

// describe is what was recovered, in a line.
func describe(s saved) string {
	text := fmt.Sprintf("%q to %d, term %d vote %d commit %d:", s.snapshot.GetData(), s.snapshot.GetMetadata().GetIndex(),
		s.state.GetTerm(), s.state.GetVote(), s.state.GetCommit())
	for _, e := range s.entries {
		text += fmt.Sprintf(" %d/%d", e.GetIndex(), e.GetTerm())
	}
	return text
}

// reopened closes the disk and says what another start finds.
func reopened(t *testing.T, ctx context.Context, d *disk) string {
	t.Helper()
	if err := d.Close(ctx); err != nil {
		t.Error(err)
	}
	d, s, err := openDisk(ctx, d.dir, fresh, Bugs{})
	if err != nil {
		return err.Error()
	}
	if err := d.Close(ctx); err != nil {
		t.Error(err)
	}
	return describe(s)
}

func TestADiskKeepsWhatWasSaved(t *testing.T) {
	type step func(ctx context.Context, d *disk) error
	save := func(state *pb.HardState, entries ...*pb.Entry) step {
		return func(ctx context.Context, d *disk) error { return d.save(ctx, state, entries, true) }
	}
	compact := func(snapshot *pb.Snapshot, state *pb.HardState, entries ...*pb.Entry) step {
		return func(ctx context.Context, d *disk) error {
			return d.compact(ctx, saved{snapshot: snapshot, state: state, entries: entries})
		}
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"nothing", nil, `"" to 1, term 1 vote 0 commit 1:`},
		{"entries and the last state", []step{
			save(stateOf(2, 1, 1), entry(2, 2, "a"), entry(3, 2, "b")), save(stateOf(2, 1, 3)),
		}, `"" to 1, term 2 vote 1 commit 3: 2/2 3/2`},
		{"the entries of a later leader, and not those they replace", []step{
			save(stateOf(2, 1, 1), entry(2, 2, "a"), entry(3, 2, "b"), entry(4, 2, "c")), save(stateOf(3, 2, 1), entry(3, 3, "d")),
		}, `"" to 1, term 3 vote 2 commit 1: 2/2 3/3`},
		{"a snapshot in the place of the entries before it", []step{
			save(stateOf(2, 1, 3), entry(2, 2, "a"), entry(3, 2, "b"), entry(4, 2, "c")),
			compact(snapshotAt(3, 2, "s"), stateOf(2, 1, 3), entry(4, 2, "c")), save(stateOf(2, 1, 4), entry(5, 2, "d")),
		}, `"s" to 3, term 2 vote 1 commit 4: 4/2 5/2`},
		{"a snapshot of a leader that is far ahead", []step{
			save(stateOf(2, 1, 2), entry(2, 2, "a")), compact(snapshotAt(90, 7, "s"), stateOf(7, 3, 90)),
		}, `"s" to 90, term 7 vote 3 commit 90:`},
		{"a commit index that is behind its entries, and no other", []step{
			save(stateOf(2, 1, 9), entry(2, 2, "a")),
		}, `"" to 1, term 2 vote 1 commit 2: 2/2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			asynciotest.Run(t, func(ctx context.Context) {
				d, _, err := openDisk(ctx, dir, fresh, Bugs{})
				if err != nil {
					t.Fatal(err)
				}
				for _, step := range c.steps {
					if err := step(ctx, d); err != nil {
						t.Fatal(err)
					}
				}
				if got := reopened(t, ctx, d); got != c.want {
					t.Errorf("found %s, want %s", got, c.want)
				}
			})
		})
	}
}

// Whatever a crash leaves behind the last sync, what was synced is found, and what is
// saved after the recovery is found again.
func TestALogWithATornEndIsReadUpToIt(t *testing.T) {
	dir := t.TempDir()
	asynciotest.Run(t, func(ctx context.Context) {
		d, _, err := openDisk(ctx, dir, fresh, Bugs{})
		if err != nil {
			t.Fatal(err)
		}
		d.save(ctx, stateOf(2, 1, 1), []*pb.Entry{entry(2, 2, "a")}, true)
		name := filepath.Join(dir, logFile)
		synced, _ := os.ReadFile(name)
		d.save(ctx, nil, []*pb.Entry{entry(3, 2, "b")}, false)
		all, _ := os.ReadFile(name)
		d.Close(ctx)
		for n := len(synced); n <= len(all); n++ {
			torn := append(bytes.Clone(all[:n]), make([]byte, len(all)-n)...)
			if err := os.WriteFile(name, torn, 0o600); err != nil {
				t.Fatal(err)
			}
			d, s, err := openDisk(ctx, dir, fresh, Bugs{})
			want := 1
			if n == len(all) {
				want = 2
			}
			if err != nil || len(s.entries) != want {
				t.Fatalf("%d bytes of %d: %v, %s", n, len(all), err, describe(s))
			}
			d.save(ctx, nil, []*pb.Entry{entry(3, 3, "c")}, true)
			if got := reopened(t, ctx, d); got != `"" to 1, term 2 vote 1 commit 1: 2/2 3/3` {
				t.Fatalf("%d bytes of %d, and then another: %s", n, len(all), got)
			}
		}
	})
}

// A crash between the snapshot and the cut of the log leaves a new snapshot and an old
// log.
func TestASnapshotIsJoinedToALogThatWasNotCut(t *testing.T) {
	for _, c := range []struct {
		name     string
		snapshot *pb.Snapshot
		want     string
	}{
		{"that goes on behind it", snapshotAt(3, 2, "s"), `"s" to 3, term 2 vote 1 commit 3: 4/2`},
		{"that ends with it", snapshotAt(4, 2, "s"), `"s" to 4, term 2 vote 1 commit 4:`},
		{"that ends before it", snapshotAt(9, 2, "s"), `"s" to 9, term 2 vote 1 commit 9:`},
		{"that has another history", snapshotAt(3, 5, "s"), `"s" to 3, term 2 vote 1 commit 3:`},
		{"that begins behind it", snapshotAt(0, 0, "s"), "recovery: " + errLost.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			asynciotest.Run(t, func(ctx context.Context) {
				d, _, err := openDisk(ctx, dir, fresh, Bugs{})
				if err != nil {
					t.Fatal(err)
				}
				d.save(ctx, stateOf(2, 1, 2), []*pb.Entry{entry(2, 2, "a"), entry(3, 2, "b"), entry(4, 2, "c")}, true)
				old, _ := os.ReadFile(filepath.Join(dir, logFile))
				if err := d.compact(ctx, saved{snapshot: c.snapshot, state: stateOf(2, 1, 2)}); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, logFile), old, 0o600); err != nil {
					t.Fatal(err)
				}
				if got := reopened(t, ctx, d); got != c.want {
					t.Errorf("found %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestAFileThatIsNoneOfOursIsAnError(t *testing.T) {
	strange := mustRecord(t, nil, entry(9, 1, "")) // which does not follow entry 1
	kind, err := appendRecord(nil, 'x', entry(2, 1, ""))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]struct {
		name string
		data []byte
	}{
		"a snapshot that cannot be decoded": {snapshotFile, []byte("\xff\xff\xff")},
		"a log with a gap":                  {logFile, strange},
		"a record of another kind":          {logFile, kind},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, file.name), file.data, 0o600); err != nil {
				t.Fatal(err)
			}
			asynciotest.Run(t, func(ctx context.Context) {
				if _, _, err := openDisk(ctx, dir, fresh, Bugs{}); err == nil {
					t.Error("no error")
				}
			})
		})
	}
}

func TestANodeWithoutItsFolderDoesNotStart(t *testing.T) {
	n := Node{ID: 1, Peers: map[uint64]string{1: "127.0.0.1:0"}, Dir: filepath.Join(t.TempDir(), "none")}
	if err := asyncio.Run(t.Context(), n.Run); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
