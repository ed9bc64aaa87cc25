package sim

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// sumsVariable tells a process of this test that it is one whose sums are asked for.
const sumsVariable = "ASYNCIO_SIM_SUMS"

// ledger is the program of a host that keeps what it is sent on its disk, and answers
// when it is safe there.
func ledger(ctx context.Context) error {
	fsys := aiofs.FromContext(ctx)
	l, err := aionet.Listen(ctx, "tcp", ":7")
	if err != nil {
		return ignore(ctx, err)
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for k := 0; ; k++ {
			c, err := l.AcceptContext(ctx)
			if err != nil {
				return ignore(ctx, err)
			}
			g.Go(func(ctx context.Context) error {
				defer c.Close()
				word, err := io.ReadAll(c)
				if err == nil {
					err = aiofs.WriteFileAtomic(ctx, fsys, fmt.Sprint("entry", k%4), word, 0o600)
				}
				if err == nil {
					c.WriteContext(ctx, word)
				}
				return nil
			})
		}
	})
}

// ignore lets a program that cannot go on wait for its end: the world's faults are no
// failures here.
func ignore(ctx context.Context, _ error) error {
	asyncio.Sleep(ctx, time.Hour)
	return nil
}

// bookkeepers are hosts that send to each other what all of them keep.
func bookkeepers(w *World) {
	const hosts = 4
	for i := range hosts {
		w.Host(fmt.Sprint("h", i), func(ctx context.Context) error {
			asyncio.Go(ctx, ledger)
			for k := range 12 {
				asyncio.Sleep(ctx, time.Duration(asyncio.Rand(ctx).IntN(50))*time.Millisecond)
				within, limit := asyncio.WithTimeout(ctx, time.Second)
				if c, err := aionet.Dial(within, "tcp", fmt.Sprintf("h%d:7", (i+k)%hosts)); err == nil {
					c.WriteContext(within, bytes.Repeat([]byte{byte(k)}, 5000))
					c.CloseWrite()
					io.ReadAll(c)
					c.Close()
				}
				limit.Cancel()
			}
			return nil
		}, Mortal())
	}
	asyncio.Sleep(w.Context(), 5*time.Second)
}

// sumOfCampaign is over all steps of a few schedules of every strategy, in each of which
// something went wrong with hosts, network and disks.
func sumOfCampaign(t *testing.T) string {
	l := newLane(newOptions(t, nil), bookkeepers)
	defer l.close()
	all := fnv.New64a()
	s, _ := explore.Named("mix")
	steps, picks := 0, 0
	for k := range 24 {
		l.chooser.Begin(s, 7, k)
		got, _ := l.run(7, false)
		if got.failure != nil {
			t.Fatalf("schedule %d: %v", k, got.failure)
		}
		binary.Write(all, binary.LittleEndian, got.hash)
		steps += got.steps
		picks += got.tape.NonDefault()
	}
	return fmt.Sprintf("%x of %d steps, %d picks", all.Sum64(), steps, picks)
}

func TestPrintTheSumsOfACampaign(t *testing.T) {
	if os.Getenv(sumsVariable) == "" {
		t.Skip("is for the processes of the next test")
	}
	fmt.Println("sums:", sumOfCampaign(t))
}

// sumsInProcess runs another process of the test program.
func sumsInProcess(t *testing.T, program string, environment ...string) string {
	t.Helper()
	cmd := exec.Command(program, "-test.run", "^TestPrintTheSumsOfACampaign$", "-test.count=1")
	cmd.Env = append(append(os.Environ(), sumsVariable+"=1"), environment...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, sums, found := strings.Cut(string(out), "sums: ")
	if !found {
		t.Fatalf("the process printed no sums:\n%s", out)
	}
	return strings.SplitN(sums, "\n", 2)[0]
}

func TestASeedGivesTheSameTraceInEveryProcess(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	here := sumOfCampaign(t)
	if !strings.Contains(here, " steps") || strings.Contains(here, " 0 picks") {
		t.Fatalf("the campaign decided nothing: %s", here)
	}
	for _, environment := range []string{"GOMAXPROCS=1", "GOMAXPROCS=2", "GOGC=1", "GODEBUG=asyncpreemptoff=1"} {
		t.Run(environment, func(t *testing.T) {
			if got := sumsInProcess(t, program, environment); got != here {
				t.Errorf("another process has %s, this one %s", got, here)
			}
		})
	}
	t.Run("with and without the race detector", func(t *testing.T) {
		if got := sumsInProcess(t, otherBuild(t)); got != here {
			t.Errorf("there it is %s, here %s", got, here)
		}
	})
}

// otherBuild is this test program without the race detector, where it has it.
func otherBuild(t *testing.T) string {
	t.Helper()
	if !raced {
		t.Skip("is compared by go test -race: the other build is the quicker one")
	}
	program := t.TempDir() + "/sim.test"
	if out, err := exec.Command("go", "test", "-c", "-o", program, ".").CombinedOutput(); err != nil {
		t.Skipf("no test can be built here: %v\n%.300s", err, out)
	}
	return program
}
