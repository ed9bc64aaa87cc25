// Package uses calls what the tables know.
package uses

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"log"
	"math/rand"
	randv2 "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

func Clock(ctx context.Context, start time.Time) error {
	_ = time.Since(start)      // want `time.Since in code that runs on the loop reads the real clock`
	_ = time.Until(start)      // want `clock`
	_ = time.After(1)          // want `time.After in code that runs on the loop waits for the real clock: use asyncio.Sleep, CallLater or an Interval`
	_ = time.NewTimer(1)       // want `clock`
	_ = time.NewTicker(1)      // want `clock`
	_ = time.Tick(1)           // want `clock`
	time.AfterFunc(1, func() { // want `clock`
		_ = time.Now() // a goroutine of the standard library runs it
	})
	clock := time.Now // want `clock`
	_ = clock
	ctx, cancel := context.WithTimeout(ctx, 1) // want `context.WithTimeout in code that runs on the loop ends by the real clock: use asyncio.WithTimeout or WithDeadline`
	defer cancel()
	_ = asyncio.Now(ctx)
	_ = start.Add(time.Second).Before(time.Unix(0, 0))
	return asyncio.Checkpoint(ctx)
}

func Random(ctx context.Context, given *rand.Rand, b []byte) error {
	_ = rand.Intn(6)    // want `math/rand.Intn in code that runs on the loop draws from the process's own randomness: take a \*rand.Rand that the program makes from a seed it is given \[random\]`
	_ = randv2.N(6)     // want `math/rand/v2.N in code`
	_ = randv2.Uint64() // want `random`
	crand.Read(b)       // want `crypto/rand.Read in code that runs on the loop draws from the system's randomness`
	_ = crand.Reader    // want `random`
	_ = given.Intn(6)
	_ = rand.New(rand.NewSource(1)).Intn(6)
	_ = randv2.New(randv2.NewPCG(1, 2)).IntN(6)
	return asyncio.Checkpoint(ctx)
}

func Process(ctx context.Context, c chan os.Signal) error {
	_ = os.Getpid()               // want `os.Getpid in code that runs on the loop differs from process to process`
	_ = runtime.NumGoroutine()    // want `runtime.NumGoroutine .* \[process\]`
	runtime.SetFinalizer(&c, nil) // want `process`
	signal.Notify(c)              // want `use asyncio.OpenSignals or HandleSignals`
	_ = os.Getenv("HOME")
	return asyncio.Checkpoint(ctx)
}

func Network(ctx context.Context, d net.Dialer, c *http.Client, l net.Listener) error {
	net.Dial("tcp", "host:1")           // want `net.Dial in code that runs on the loop opens a socket of the operating system, and blocks the loop: use aionet.Dial or aionet.Listen \[network\]`
	d.DialContext(ctx, "tcp", "host:1") // want `net.Dialer.DialContext`
	net.Listen("tcp", ":0")             // want `network`
	net.LookupHost("host")              // want `asks the system's resolver`
	http.Get("http://host")             // want `use package aiohttp`
	_ = http.DefaultClient              // want `network`
	_ = &http.Client{}                  // want `an http.Client without a Transport opens sockets`
	_ = &http.Client{Transport: &aiohttp.Transport{}}
	c.Get("http://host")
	l.Addr()
	_ = net.JoinHostPort("host", "1")
	return asyncio.Checkpoint(ctx)
}

func Files(ctx context.Context, f *os.File) error {
	os.ReadFile("name") // want `os.ReadFile in code that runs on the loop works on a file of the operating system, and blocks the loop: use package aiofs \[files\]`
	os.Create("name")   // want `files`
	filepath.Glob("*")  // want `files`
	fmt.Fprintln(os.Stdout, f.Name(), filepath.Join("a", "b"))
	return asyncio.Checkpoint(ctx)
}

func Pools(ctx context.Context, p *sync.Pool) error {
	_ = p.Get() // want `sync.Pool.Get in code that runs on the loop returns what the garbage collector has left: .* \[pool\]`
	p.Put(1)
	return asyncio.Checkpoint(ctx)
}

func Formats(ctx context.Context, p *int) error {
	fmt.Printf("%p", p)            // want `%p prints an address, which differs from run to run: print a name or a number that the program has given \[pointer\]`
	_ = fmt.Sprintf("at %+20p", p) // want `pointer`
	log.Printf("%d at %[1]p", p)   // want `pointer`
	fmt.Printf("100%%p %v %d\n", 1, *p)
	fmt.Println("%p")
	return asyncio.Checkpoint(ctx)
}
