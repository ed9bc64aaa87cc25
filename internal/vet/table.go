package vet

import "strings"

// use is what is wrong with a function, and what to do instead.
type use struct{ rule, what, instead string }

// onThreadsToo are the rules that hold in a ToThread as well. A thread may block and
// use goroutines, and its files are whatever the program takes them for; but what it
// returns must not differ from run to run.
var onThreadsToo = map[string]bool{
	ruleClock: true, ruleRandom: true, ruleProcess: true, ruleNetwork: true, rulePointer: true,
}

// lookUp finds a function, method ("Type.Method") or variable of a package.
func lookUp(path, name string) (use, bool) {
	if strings.HasPrefix(path, "math/rand") {
		return randomUse(name)
	}
	for _, e := range table[path] {
		for n := range strings.FieldsSeq(e.names) {
			if n == name || strings.HasSuffix(n, "*") && strings.HasPrefix(name, strings.TrimSuffix(n, "*")) {
				return e.use, true
			}
		}
	}
	return use{}, false
}

// randomUse: in math/rand the constructors take a source and are fine.
func randomUse(name string) (use, bool) {
	if strings.HasPrefix(name, "New") || strings.Contains(name, ".") {
		return use{}, false
	}
	return use{ruleRandom, "draws from the process's own randomness", "take a *rand.Rand that the program makes from a seed it is given"}, true
}

type entry struct {
	names string // with spaces between them; a star stands for any ending
	use   use
}

var (
	clockNow     = use{ruleClock, "reads the real clock", "use asyncio.Now(ctx)"}
	clockTimer   = use{ruleClock, "waits for the real clock", "use asyncio.Sleep, CallLater or an Interval"}
	clockContext = use{ruleClock, "ends by the real clock", "use asyncio.WithTimeout or WithDeadline"}
	sleeps       = use{ruleBlocks, "holds the whole loop", "use asyncio.Sleep(ctx, d)"}
	secure       = use{ruleRandom, "draws from the system's randomness", "take an io.Reader or a *rand.Rand that the program is given, and crypto/rand.Reader in production only"}
	identity     = use{ruleProcess, "differs from process to process", "take it as an argument"}
	machine      = use{ruleProcess, "depends on the machine and on what else runs", "take it as an argument, or leave it to main"}
	collector    = use{ruleProcess, "runs when the garbage collector pleases", "close things where their use ends"}
	signalled    = use{ruleProcess, "brings signals by a goroutine", "use asyncio.OpenSignals or HandleSignals"}
	dials        = use{ruleNetwork, "opens a socket of the operating system, and blocks the loop", "use aionet.Dial or aionet.Listen"}
	resolves     = use{ruleNetwork, "asks the system's resolver, and blocks the loop", "use aionet's resolver"}
	fetches      = use{ruleNetwork, "opens sockets of the operating system, and blocks the loop", "use package aiohttp"}
	onDisk       = use{ruleFiles, "works on a file of the operating system, and blocks the loop", "use package aiofs"}
	pooled       = use{rulePool, "returns what the garbage collector has left", "keep a list of your own: on a loop it needs no lock"}
	joins        = use{ruleBlocks, "holds the whole loop until other goroutines are done", "use a TaskGroup, or asyncio.Condition"}
	runsProcess  = use{ruleBlocks, "holds the whole loop until the process ends", "use package aioexec"}
)

// table is by package path.
var table = map[string][]entry{
	"time": {
		{"Now Since Until", clockNow},
		{"After Tick NewTimer NewTicker AfterFunc", clockTimer},
		{"Sleep", sleeps},
	},
	"context":      {{"WithTimeout WithTimeoutCause WithDeadline WithDeadlineCause", clockContext}},
	"crypto/rand":  {{"Reader Read Int Prime Text", secure}},
	"hash/maphash": {{"MakeSeed String Bytes Comparable Hash.Seed", secure}},
	"os": {
		{"Getpid Getppid Hostname", identity},
		{"Open Create OpenFile OpenRoot OpenInRoot ReadFile WriteFile ReadDir Remove RemoveAll Rename Truncate Stat Lstat", onDisk},
		{"Mkdir MkdirAll MkdirTemp CreateTemp Link Symlink Readlink Chmod Chown Chtimes CopyFS Root.*", onDisk},
	},
	"path/filepath": {{"Walk WalkDir Glob EvalSymlinks", onDisk}},
	"io/ioutil":     {{"ReadFile WriteFile ReadDir TempFile TempDir", onDisk}},
	"os/exec":       {{"Cmd.Run Cmd.Wait Cmd.Output Cmd.CombinedOutput", runsProcess}},
	"os/signal":     {{"Notify NotifyContext", signalled}},
	"runtime": {
		{"NumGoroutine NumCPU GOMAXPROCS NumCgoCall ReadMemStats", machine},
		{"SetFinalizer AddCleanup", collector},
	},
	"sync": {
		{"Pool.Get", pooled},
		{"WaitGroup.Wait Cond.Wait", joins},
	},
	"net": {
		{"Dial DialTimeout DialIP DialTCP DialUDP DialUnix Dialer.Dial*", dials},
		{"Listen ListenPacket ListenIP ListenTCP ListenUDP ListenMulticastUDP ListenUnix ListenUnixgram ListenConfig.Listen*", dials},
		{"Lookup* Resolver.Lookup* ResolveIPAddr ResolveTCPAddr ResolveUDPAddr", resolves},
		{"Interfaces InterfaceAddrs InterfaceByName InterfaceByIndex", machine},
	},
	"crypto/tls": {{"Dial DialWithDialer Dialer.Dial* Listen", dials}},
	"net/http": {
		{"Get Head Post PostForm DefaultClient DefaultTransport", fetches},
		{"ListenAndServe* Server.ListenAndServe* Serve ServeTLS Server.Serve Server.ServeTLS", fetches},
	},
}
