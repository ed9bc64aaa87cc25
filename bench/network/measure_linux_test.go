package network

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain is the door for the processes that serve.
func TestMain(m *testing.M) {
	if RunServer() {
		return
	}
	os.Exit(m.Run())
}

func TestEachServerAnswersEachMessage(t *testing.T) {
	for _, r := range Rows() {
		t.Run(r.Name, func(t *testing.T) {
			for _, name := range r.Sides {
				if servers[name] == nil {
					t.Errorf("there is no server %s", name)
				}
			}
			res, err := r.Measure(Quick(1))
			if err != nil {
				t.Fatal(err)
			}
			for i, samples := range res.Samples {
				if len(samples) != 1 || samples[0].Cost() <= 0 {
					t.Errorf("%s: samples %+v", r.Sides[i], samples)
				} else if s := samples[0]; r.Messages && (s.Messages < r.Quick || s.P50 <= 0 || s.P99 < s.P50 || s.Elapsed < 10*time.Millisecond) {
					t.Errorf("%s: %+v", r.Sides[i], s)
				}
			}
		})
	}
}

func TestAConnectionOfPackageNetTakesItsStackAndItsBuffer(t *testing.T) {
	r := Row{Name: "idle", Sides: []string{"net"}, Quick: 300, Conns: 300, exchange: echo}
	res, err := r.Measure(Quick(1))
	if err != nil {
		t.Fatal(err)
	}
	if s := res.Samples[0][0]; s.Memory < 2048+bufferSize || s.Memory > 20_000 || s.Resident < 2048+bufferSize {
		t.Errorf("%v B in heap and stacks, %v resident; the least stack has 2,048 and the buffer %d", s.Memory, s.Resident, bufferSize)
	}
}

func TestAProfileIsWrittenForEachServer(t *testing.T) {
	p := Quick(1)
	p.Profile = t.TempDir()
	r := Row{Name: "x", Messages: true, Sides: []string{"net/http"}, Quick: 1, Conns: 1, exchange: plain}
	if _, err := r.Measure(p); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(p.Profile, "x-net-http.pprof")); err != nil || !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		t.Errorf("no profile (%v): %q", err, b)
	}
}

func TestMeasureTellsWhichServerFailed(t *testing.T) {
	r := Row{Name: "x", Messages: true, Sides: []string{"net", "nothing"}, Quick: 1, Conns: 1, exchange: echo}
	_, err := r.Measure(Quick(1))
	if err == nil || !strings.Contains(err.Error(), "server nothing") {
		t.Errorf("error %v", err)
	}
}

func TestTheProcessRunsWhereItRanBefore(t *testing.T) {
	var before, after unix.CPUSet
	if err := unix.SchedGetaffinity(os.Getpid(), &before); err != nil {
		t.Fatal(err)
	}
	r := Row{Name: "x", Messages: true, Sides: []string{"net"}, Quick: 1, Conns: 1, exchange: echo}
	if _, err := r.Measure(Quick(1)); err != nil {
		t.Fatal(err)
	}
	if err := unix.SchedGetaffinity(os.Getpid(), &after); err != nil || before != after {
		t.Errorf("cores before %v, after %v (%v)", before, after, err)
	}
}

func TestCoresAreTheFirstTwoOfThoseThatMayBeUsed(t *testing.T) {
	set := only(3)
	if c := choose(set); c != (cores{3, 3}) {
		t.Errorf("of one core: %+v", c)
	}
	set.Set(70)
	set.Set(71)
	if c := choose(set); c != (cores{3, 70}) {
		t.Errorf("of 3, 70 and 71: %+v", c)
	}
}

func TestAServerRunsOnItsCore(t *testing.T) {
	err := onTwoCores(func(c cores) error {
		s, err := startServer("net", "", c)
		if err != nil {
			return err
		}
		defer s.stop()
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(s.cmd.Process.Pid, &set); err != nil || set != *only(c.server) {
			t.Errorf("cores %v (%v), must be %d", set, err, c.server)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAProcessIsNoServerWithoutTheVariable(t *testing.T) {
	if RunServer() {
		t.Error("took itself for one")
	}
}

func TestAServerThatNobodyKnowsEndsWithAMessage(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), serverEnv+"=nothing")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), serverEnv) {
		t.Errorf("error %v, output %q", err, out)
	}
}

func TestAnswersAboutUsage(t *testing.T) {
	var out strings.Builder
	if err := answer(strings.NewReader(askTime+"\n"+askMemory+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"Memory":0`) || strings.Contains(lines[1], `"Memory":0`) || strings.Contains(lines[1], `"Resident":0`) {
		t.Errorf("answers %q: the second is with memory", lines)
	}
}
