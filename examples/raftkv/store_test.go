package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestACommandIsCarriedOutOnce(t *testing.T) {
	s := newStore()
	client := s.apply(2, command{Op: opOpen}).Client
	first := command{Client: client, Seq: 1, Op: opCAS, Key: "k", Old: "", Value: "a"}
	if got := s.apply(3, first); !got.Done {
		t.Error("the first swap finds another value than none")
	}
	s.apply(4, command{Client: client, Seq: 2, Op: opPut, Key: "k", Value: ""})
	if s.apply(5, first); s.Keys["k"] != "" {
		t.Errorf("the swap was carried out again: %q", s.Keys["k"])
	}
	again := command{Client: client, Seq: 3, Op: opCAS, Key: "k", Old: "", Value: "b"}
	if s.apply(6, again); !s.apply(7, again).Done || s.Keys["k"] != "b" {
		t.Error("who asks again is not told what came of the first time")
	}
	if s.Index != 7 {
		t.Errorf("the store is at entry %d", s.Index)
	}
}

func TestASwapThatFailsChangesNothing(t *testing.T) {
	s := newStore()
	client := s.apply(2, command{Op: opOpen}).Client
	s.apply(3, command{Client: client, Seq: 1, Op: opPut, Key: "k", Value: "a"})
	if s.apply(4, command{Client: client, Seq: 2, Op: opCAS, Key: "k", Old: "x", Value: "b"}).Done || s.Keys["k"] != "a" {
		t.Errorf("%q", s.Keys["k"])
	}
}

func TestTheClientThatWasSilentForTheLongestIsForgotten(t *testing.T) {
	s := newStore()
	busy := s.apply(2, command{Op: opOpen}).Client
	silent := s.apply(3, command{Op: opOpen}).Client
	s.apply(4, command{Client: busy, Seq: 1, Op: opPut, Key: "k"})
	for i := range uint64(maxSessions - 1) {
		s.apply(5+i, command{Op: opOpen})
	}
	if len(s.Sessions) != maxSessions {
		t.Errorf("%d sessions", len(s.Sessions))
	}
	if s.apply(9001, command{Client: busy, Seq: 2, Op: opPut, Key: "k"}).Expired {
		t.Error("the busy one was forgotten")
	}
	if !s.apply(9002, command{Client: silent, Seq: 1, Op: opPut, Key: "k", Value: "late"}).Expired || s.Keys["k"] == "late" {
		t.Error("the silent one may write still")
	}
}

// randomCommands are of a few clients, many of them twice.
func randomCommands(n int) (all []command) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		c := command{Client: 2 + r.Uint64N(5), Seq: 1 + r.Uint64N(50), Op: []op{opPut, opCAS, opOpen}[r.IntN(3)]}
		c.Key, c.Value, c.Old = string('a'+rune(r.IntN(9))), string('0'+rune(r.IntN(3))), string('0'+rune(r.IntN(3)))
		all = append(all, c)
	}
	return all
}

func TestNodesThatApplyTheSameHaveTheSameBytes(t *testing.T) {
	commands := randomCommands(2 * maxSessions)
	straight, restarted := newStore(), newStore()
	for i, c := range commands {
		index := uint64(i + 2)
		a, b := straight.apply(index, c), restarted.apply(index, c)
		if a != b {
			t.Fatalf("entry %d: %+v and %+v", index, a, b)
		}
		if i%97 != 0 {
			continue
		}
		data, err := restarted.encode()
		if err != nil {
			t.Fatal(err)
		}
		if restarted, err = decodeStore(data); err != nil {
			t.Fatal(err)
		}
	}
	a, errA := straight.encode()
	b, errB := restarted.encode()
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("%v, %v: %d and %d bytes", errA, errB, len(a), len(b))
	}
}

func TestASnapshotOfSomethingElseIsRefused(t *testing.T) {
	if _, err := decodeStore([]byte("no store")); err == nil {
		t.Error("no error")
	}
}

func TestAFollowerStandsBetweenOneTimeoutAndTwo(t *testing.T) {
	var stood []int
	for seed := range uint64(200) {
		e := newElection(rand.New(rand.NewPCG(seed, 1)), electionTicks)
		forgot := 0
		for tick := 1; ; tick++ {
			forget, stand := e.tick()
			if forget && forgot == 0 {
				forgot = tick
			}
			if stand {
				stood = append(stood, tick)
				break
			}
		}
		if forgot != electionTicks {
			t.Fatalf("seed %d: the leader is forgotten after %d ticks", seed, forgot)
		}
	}
	if slices.Min(stood) != electionTicks || slices.Max(stood) != 2*electionTicks-1 {
		t.Errorf("between %d and %d ticks", slices.Min(stood), slices.Max(stood))
	}
}

func TestAFollowerThatHearsOfALeaderNeverStands(t *testing.T) {
	e := newElection(rand.New(rand.NewPCG(1, 1)), electionTicks)
	for range 1000 {
		e.reset()
		for range electionTicks - 1 {
			if forget, stand := e.tick(); forget || stand {
				t.Fatal("it does")
			}
		}
	}
}
