package network

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"golang.org/x/sys/unix"
)

// servers are the ways to serve, by name. Each listens on anywhere, says where that is,
// and serves until the process ends.
var servers = map[string]func(announce func(net.Addr)) error{
	"net":            serveNet,
	"aionet-on-data": serveAionetOnData,
	"gnet":           serveGnet,
	"aionet":         serveAionet,
	"net/http":       serveNetHTTP,
	"fasthttp":       serveFastHTTP,
	"aiohttp":        serveAiohttp,
	"aiohttp/fast":   serveAiohttpFast,
}

// anywhere is a free port that nobody else can reach.
const anywhere = "127.0.0.1:0"

// RunServer serves where this process is a server of a measurement, and reports whether
// it is one. It ends the process where something fails.
func RunServer() bool {
	name := os.Getenv(serverEnv)
	if name == "" {
		return false
	}
	if err := runServer(name); err != nil {
		fmt.Fprintf(os.Stderr, "bench: server %s: %v\n", name, err)
		os.Exit(1)
	}
	return true
}

func runServer(name string) error {
	serve, ok := servers[name]
	if !ok {
		return fmt.Errorf("%s=%q names no server", serverEnv, name)
	}
	stop, err := startProfile(os.Getenv(profileEnv))
	if err != nil {
		return err
	}
	return serve(func(a net.Addr) {
		fmt.Println(a)
		go func() {
			err := answer(os.Stdin, os.Stdout)
			stop()
			if err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
				os.Exit(1)
			}
			os.Exit(0)
		}()
	})
}

func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// usage is what a server tells about itself.
type usage struct {
	User, System     time.Duration
	Memory, Resident uint64
}

// answer answers questions until there are no more.
func answer(in io.Reader, out io.Writer) error {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		u, err := use(lines.Text() == askMemory)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(u); err != nil {
			return err
		}
	}
	return nil
}

func use(memory bool) (u usage, err error) {
	if memory {
		if u.Resident, u.Memory, err = inUse(); err != nil {
			return u, err
		}
	}
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return u, fmt.Errorf("getrusage: %w", err)
	}
	u.User, u.System = time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano())
	return u, nil
}

// inUse is the memory that this process has after a collection: its pages, and what
// of it heap and stacks use. Pages the runtime would give back by and by are given back
// before.
func inUse() (resident, used uint64, err error) {
	runtime.GC()
	debug.FreeOSMemory() // collects once more: what was in pools goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0, err
	}
	var size uint64
	if _, err := fmt.Sscan(string(f), &size, &resident); err != nil {
		return 0, 0, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return resident * uint64(os.Getpagesize()), m.HeapInuse + m.StackInuse, nil
}
