//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/faulty"
)

// What happens all the time here happens once in a while in the field. None of it is a
// failure, so each program must succeed.

func TestReliabilityE2_ShortTransfersEverywhere(t *testing.T) {
	warmUp()
	for _, p := range programs {
		if p.name == "messages over unixpacket" {
			continue // what does not fit is lost
		}
		t.Run(p.name, func(t *testing.T) {
			s := &sweep{t: t, program: p}
			for seed := range tries() {
				random := rand.New(rand.NewPCG(seed, 0))
				s.succeed("short by chance", func(c faulty.Call) faulty.Outcome {
					if c.Bytes > 1<<14 { // by single bytes these would take long
						return faulty.Outcome{Max: 1 + random.IntN(c.Bytes)}
					}
					return faulty.Outcome{Max: 1 + random.IntN(1+c.Bytes/4)}
				})
			}
			calls := 0
			s.succeed("byte by byte", func(c faulty.Call) faulty.Outcome {
				if calls++; calls > 3000 { // that should be enough
					return faulty.Outcome{}
				}
				return faulty.Outcome{Max: 1}
			})
		})
	}
}

func TestReliabilityE2_NotNowEverywhere(t *testing.T) {
	warmUp()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			s := &sweep{t: t, program: p}
			for seed := range tries() {
				random := rand.New(rand.NewPCG(seed, 1))
				s.succeed("not now by chance", func(c faulty.Call) faulty.Outcome {
					if errno, ok := blocking[c.Verb]; ok && random.IntN(2) == 0 {
						return faulty.Again(errno)
					}
					return faulty.Outcome{}
				})
			}
		})
	}
}

// Events that come twice, after the socket was closed and its number has gone to another,
// and without a cause: F1, E14 (a connection that is writable and not decided).
func TestReliabilityF1E14_EventsThatAreNotTrue(t *testing.T) {
	warmUp()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			s := &sweep{t: t, program: p, spurious: true}
			for range tries() {
				s.succeed("with events that are not true", nil)
			}
		})
	}
}

// Signals cut system calls short. Those that Go's runtime sends itself do so, too, but
// seldom.
func TestReliabilityE2_AStormOfSignals(t *testing.T) {
	warmUp()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	defer signal.Stop(signals)
	stop, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-stop:
				return
			case <-signals:
			default:
				syscall.Kill(os.Getpid(), syscall.SIGUSR1)
				time.Sleep(10 * time.Microsecond)
			}
		}
	}()
	defer func() { close(stop); <-over }()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			s := &sweep{t: t, program: p}
			for range tries() {
				s.succeed("under a storm of signals", nil)
			}
		})
	}
}

func tries() uint64 {
	if testing.Short() {
		return 1
	}
	return 5
}

// succeed runs a program that must not fail.
func (s *sweep) succeed(when string, plan func(faulty.Call) faulty.Outcome) {
	s.t.Helper()
	r := s.run(plan, false)
	if r.err != nil {
		s.t.Errorf("%s: %v", when, r.err)
	}
	s.judge(when, r)
}

// Several calls of a run fail, with errors of all kinds: what is done about one failure
// may fail as well.
func TestManyCallsFail(t *testing.T) {
	warmUp()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			s := &sweep{t: t, program: p}
			s.rehearse()
			for seed := range 10 * tries() {
				random := rand.New(rand.NewPCG(seed, 2))
				often := max(2, s.calls()/(1+random.IntN(6))) // one to six failures, or half of the calls
				var log []string
				r := s.run(func(c faulty.Call) faulty.Outcome {
					ways := failures(c.Verb)
					if len(ways) == 0 || random.IntN(often) > 0 {
						return faulty.Outcome{}
					}
					f := fault{c.Verb, c.N, ways[random.IntN(len(ways))]}
					log = append(log, f.String())
					return f.outcome
				}, true)
				s.judge(fmt.Sprintf("seed %d: %s", seed, strings.Join(log, ", ")), r)
				if t.Failed() {
					return
				}
			}
		})
	}
}
