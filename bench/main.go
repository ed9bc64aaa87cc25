// Command bench compares the loop with plain goroutines at the same jobs, and servers
// on the loop with others.
//
//	go run ./bench            every workload, five rounds: four to seven minutes
//	go run ./bench -quick     a tenth of the work, three rounds: that it runs
//	go run ./bench -only lock one workload (a part of the name is enough)
//	go run ./bench -json      the samples, for programs
//	go run ./bench -only echo -profile DIR
//	                          with CPU profiles of the servers
//
// Servers are processes of their own: see package network. Of the rest both sides run in this one process and take turns, so that a machine that
// slows down for a while slows both. GOMAXPROCS is 1 for both: a loop uses one
// core, and the question is what a core is worth on either side. With more
// cores goroutines run in parallel and tasks do not, which no number here shows.
//
// The goroutine side is what an experienced Go programmer writes for the job:
// the comment on each function says what it is. The third column, a bare
// [iter.Pull] loop without cancellation, contexts, results or errors, is the
// floor under anything that is built on coroutines.
//
// The same functions are benchmarks for benchstat:
//
//	go test -bench . -count 10 ./bench | benchstat -col /impl -
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/goasyncio/asyncio/bench/network"
)

type options struct {
	quick   bool
	asJSON  bool
	strict  bool
	only    string
	rounds  int
	profile string
}

func main() {
	if network.RunServer() || runChild(os.Stdout) {
		return
	}
	opts, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2)
	}
	if err := run(opts, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parse reads the command line. Package flag has printed the error already
// when it returns one.
func parse(args []string, errOut io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(errOut)
	fs.BoolVar(&o.quick, "quick", false, "a tenth of the work and three rounds: proves that it runs, not how fast")
	fs.BoolVar(&o.asJSON, "json", false, "print JSON instead of a table")
	fs.BoolVar(&o.strict, "strict", false, "exit with status 1 when a target is missed")
	fs.StringVar(&o.only, "only", "", "run only the workloads whose name contains `name`")
	fs.IntVar(&o.rounds, "rounds", 0, "how often each side runs (default 5, with -quick 3)")
	fs.StringVar(&o.profile, "profile", "", "write CPU profiles of the network's servers into this `folder`")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 || o.rounds < 0 {
		err := fmt.Errorf("bench takes no arguments and a positive -rounds; got %q and -rounds %d", fs.Args(), o.rounds)
		fmt.Fprintln(errOut, err)
		return o, err
	}
	if o.rounds == 0 {
		o.rounds = 5
		if o.quick {
			o.rounds = 3
		}
	}
	return o, nil
}

// run measures and prints. What goes on meanwhile is told on progress.
func run(o options, out, progress io.Writer) error {
	core, net := choose(workloads(), o.only), chooseRows(network.Rows(), o.only)
	if len(core)+len(net) == 0 {
		return fmt.Errorf("no workload has %q in its name; there are: %s", o.only, names(workloads(), network.Rows()))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	rep := report{Machine: thisMachine(), Quick: o.quick, Rounds: o.rounds}
	for _, w := range core {
		fmt.Fprintf(progress, "%s …\n", w.name)
		res, err := w.compare(o.rounds, w.size(o.quick))
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		rep.Results = append(rep.Results, res)
	}
	for _, r := range net {
		fmt.Fprintf(progress, "%s …\n", r.Name)
		res, err := r.Measure(o.plan())
		if err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
		rep.Network = append(rep.Network, res)
	}
	if err := rep.print(out, o.asJSON); err != nil {
		return err
	}
	if missed := rep.missed(); o.strict && len(missed) > 0 {
		return fmt.Errorf("target missed: %s", strings.Join(missed, ", "))
	}
	return nil
}

// plan is how long servers are measured.
func (o options) plan() network.Plan {
	p := network.Full(o.rounds)
	if o.quick {
		p = network.Quick(o.rounds)
	}
	p.Profile = o.profile
	return p
}
