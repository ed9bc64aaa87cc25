package console_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/wire"
)

// inside runs main as a program with many tasks that sleep, beside which clients do what
// ask does on another goroutine.
func inside(t testing.TB, tasks int, ask func(), main func(ctx context.Context) error) {
	t.Helper()
	done := make(chan struct{})
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range tasks {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		go func() {
			defer close(done)
			ask()
		}()
		if main != nil {
			return main(ctx)
		}
		_, _, err := asyncio.Receive(ctx, done)
		return err
	}, asyncio.OnError(func(asyncio.Report) {}))
	<-done
	if err != nil {
		t.Error(err)
	}
}

func TestReliabilityK6_AHundredClientsOfWhichManyDoNotRead(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred thousand tasks")
	}
	defer asynciotest.CheckLeaks(t)()
	defer console.SetWriteTime(500 * time.Millisecond)()
	s := serve(t)
	defer s.Close()
	const tasks = 100_000
	inside(t, tasks, func() {
		of := theLoop(t, s)
		before := heap()
		began, first := time.Now(), answer[wire.Now](t, s, of("stats"))
		var slow []*dumbClient
		for i := range 50 { // half of them follow, half of them ask for long answers, again and again
			path := of("stream")
			if i%2 == 1 {
				path = of("tasks?limit=1000")
			}
			slow = append(slow, dumb(t, s, path))
		}
		var clients sync.WaitGroup
		for i := range 50 {
			clients.Go(func() {
				for n := range 4 {
					resp, text := request(t, s, "/api/v1/"+of(fmt.Sprintf("tasks?limit=100&after=%d&q=task", 997*i+n)))
					if resp.StatusCode != 200 || !strings.Contains(text, fmt.Sprintf(`"total":%d`, tasks+1)) {
						t.Errorf("client %d got %s %.200s", i, resp.Status, text)
					}
				}
			})
		}
		clients.Wait()
		if grown := heap() - before; grown > 512<<20 {
			t.Errorf("the console took %d MB", grown>>20)
		}
		for _, client := range slow {
			client.rest() // fails where the client is not dropped
		}
		last, over := answer[wire.Now](t, s, of("stats")), time.Since(began)
		listings := uint64(over/(250*time.Millisecond)) + 2
		slices := uint64(tasks/256 + 1)
		if posts := last.Posts - first.Posts; posts > listings*(slices+10) {
			t.Errorf("%d questions in %v: more than %d listings have", posts, over, listings)
		}
		expect(t, "tasks", last.Tasks, tasks+1)
	}, nil)
}

// heap is how much memory is in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestReliabilityK6_MoreClientsThanThereIsRoomForAreTold(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	f := newFake(t, crowd(5)...)
	s := serve(t)
	defer s.Close()
	refused := 0
	for range 140 {
		st := follow(t, s, f.of("stream"))
		defer st.close()
		if st.resp.StatusCode == 503 {
			refused++
		}
	}
	expect(t, "streams that were refused", refused, 12)
	expect(t, "questions beside them", len(answer[wire.Tasks](t, s, f.of("tasks")).Tasks), 5)
	f.finish(nil)
}

// clientsVariable has TestClients be the clients of the benchmark, in a process of their
// own: the address, the token and the path to ask for.
const clientsVariable = "ASYNCIO_TEST_CLIENTS"

func TestClients(t *testing.T) {
	fields := strings.Fields(os.Getenv(clientsVariable))
	if len(fields) != 3 {
		t.Skip("not the benchmark's")
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer stop()
		io.Copy(io.Discard, os.Stdin) // until the benchmark closes it
	}()
	var asking sync.WaitGroup
	for range 100 {
		asking.Go(func() { askOften(ctx, fields[0], fields[1], fields[2]) })
	}
	asking.Wait()
}

// clients begins a hundred clients and returns what ends them.
func clients(b *testing.B, addr, token, path string) (stop func()) {
	b.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestClients$")
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s", clientsVariable, addr, token, path))
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	return func() { in.Close(); c.Wait() }
}

// elsewhereVariable has TestElsewhere be a program like that of the benchmark, in a
// process of its own.
const elsewhereVariable = "ASYNCIO_TEST_ELSEWHERE"

func TestElsewhere(t *testing.T) {
	if os.Getenv(elsewhereVariable) == "" {
		t.Skip("not the benchmark's")
	}
	s, err := console.Serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	inside(t, 100_000, func() {}, func(ctx context.Context) error {
		fmt.Println("at", s.Addr(), s.Token(), pageOfTasks())
		_, err := asyncio.ToThread(ctx, func(context.Context) (int64, error) { return io.Copy(io.Discard, os.Stdin) }) // until the benchmark closes it
		return err
	})
}

func pageOfTasks() string { return fmt.Sprintf("loops/%d/tasks?limit=100", numberOfTheLoop()) }

// elsewhere begins another program and returns where its console is, and what ends it.
func elsewhere(b *testing.B) (addr, token, path string, stop func()) {
	b.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestElsewhere$")
	c.Env = append(os.Environ(), elsewhereVariable+"=1")
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err == nil {
		_, err = fmt.Fscanf(out, "at %s %s %s\n", &addr, &token, &path)
	}
	if err != nil {
		b.Fatal(err)
	}
	go io.Copy(io.Discard, out)
	return addr, token, path, func() { in.Close(); c.Wait() }
}

// BenchmarkHundredClients is what a program feels of a hundred clients in another process
// that list its 100,000 tasks each second: for how long a task that sleeps a millisecond
// sleeps too long. Beside it is what it feels of clients who list the tasks of a program
// like it: as much work for the machine, and none for this loop.
func BenchmarkHundredClients(b *testing.B) {
	for _, watched := range []string{"nobody", "another", "this"} {
		b.Run("watched="+watched, func(b *testing.B) {
			b.Setenv("XDG_RUNTIME_DIR", b.TempDir())
			s, err := console.Serve("127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var late []time.Duration
			inside(b, 100_000, func() {}, func(ctx context.Context) error {
				switch watched {
				case "this":
					defer clients(b, s.Addr(), s.Token(), pageOfTasks())()
				case "another":
					addr, token, path, stop := elsewhere(b)
					defer stop()
					defer clients(b, addr, token, path)()
				}
				if err := asyncio.Sleep(ctx, 2*time.Second); err != nil {
					return err
				}
				late, err = latenesses(ctx, b.N)
				return err
			})
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(late[len(late)-1].Microseconds()), "max-µs")
		})
	}
}

// latenesses are by how much n sleeps of a millisecond were too long.
func latenesses(ctx context.Context, n int) (late []time.Duration, err error) {
	for range n {
		began := time.Now()
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return nil, err
		}
		late = append(late, time.Since(began)-time.Millisecond)
	}
	return late, nil
}
