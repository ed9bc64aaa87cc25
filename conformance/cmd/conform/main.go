// Conform runs conformance cases on asyncio and compares each trace with
// CPython's.
//
//	go run ./conformance/cmd/conform -cases FILE [-v]
//
// FILE holds a case on each line, as conformance/reference.py writes them; "-"
// is standard input. The exit status is 0 where all are equal, 1 where a trace
// differs, and 2 where the input is bad.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/goasyncio/asyncio/conformance"
)

const (
	allEqual  = 0
	different = 1
	badInput  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the command without the process around it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	flags := flag.NewFlagSet("conform", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("cases", "", "the `file` of cases, one JSON object a line; - is standard input")
	verbose := flags.Bool("v", false, "tell of the equal cases too")
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return allEqual
		}
		return badInput
	}
	if *path == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "conform: name one file of cases: conform -cases FILE")
		return badInput
	}
	in, err := open(*path, stdin)
	if err != nil {
		fmt.Fprintln(stderr, "conform:", err)
		return badInput
	}
	defer in.Close()
	return check(in, *path, *verbose, stdout, stderr)
}

func open(path string, stdin io.Reader) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(path)
}

// check runs every case and counts. A bad line ends the run: what comes after
// it cannot be trusted either.
func check(in io.Reader, path string, verbose bool, stdout, stderr io.Writer) (status int) {
	equal, differing := 0, 0
	for c, err := range conformance.Cases(in) {
		var d *conformance.Difference
		if err == nil {
			d, err = conformance.Check(c)
		}
		switch {
		case err != nil:
			fmt.Fprintf(stderr, "conform: %s: %v\n", path, err)
			return badInput
		case d != nil:
			differing++
			fmt.Fprintf(stdout, "case %s (line %d) differs at row %d:\n%v\n", c.Name(), c.Line, d.Row+1, d)
		default:
			equal++
			if verbose {
				fmt.Fprintf(stdout, "case %s is equal, %d rows\n", c.Name(), len(c.Trace))
			}
		}
	}
	if equal+differing == 0 {
		fmt.Fprintf(stderr, "conform: %s: no cases in it\n", path)
		return badInput
	}
	fmt.Fprintf(stdout, "%d equal, %d different\n", equal, differing)
	if differing > 0 {
		return different
	}
	return allEqual
}
