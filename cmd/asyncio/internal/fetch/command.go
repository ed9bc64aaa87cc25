// Package fetch is the command that downloads many files at once: one task for each on
// one loop, which keeps all state without a lock. The network waits on the loop; only the
// blocking calls of the disk run on threads beside it.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

const long = `Download many files at once, on one event loop.

A file gets its name when it is whole, never before. What was left of an earlier
run is resumed where the server allows it and the file is still the same. An
existing file is never overwritten, except by -O: the new one gets a number.

Results go to standard output; failures, retries and progress to standard error.
The exit status is 0 where all files are there, 1 where some are not, 2 where
the command line was wrong, 130 after Ctrl-C, 143 after SIGTERM.`

const examples = `  asyncio fetch https://go.dev/VERSION https://example.org/big.iso
  asyncio fetch -o downloads -i list.txt --per-host 2
  asyncio fetch --demo --timeline demo.svg`

// flags is what the command line says.
type flags struct {
	input    string
	dir      string
	dirGiven bool
	name     string
	json     bool
	timeline string
	demo     bool

	parallel, perHost int
	connect, idle     time.Duration
	maxTime           time.Duration
	backoff           Backoff
	redirects         int
	userAgent         string
}

// New makes the command.
func New() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:     "fetch [flags] URL…",
		Short:   "Download many files at once",
		Long:    long,
		Example: examples,
		RunE: func(c *cobra.Command, args []string) error {
			f.dirGiven = c.Flags().Changed("output-dir")
			list, err := f.addresses(c.Context(), args, c.InOrStdin())
			if err == nil {
				err = f.check(list)
			}
			switch {
			case c.Context().Err() != nil:
				return context.Cause(c.Context())
			case err != nil:
				return cli.Usage(err)
			}
			return (&program{flags: f, out: c.OutOrStdout(), err: c.ErrOrStderr()}).run(c.Context(), list)
		},
	}
	f.register(c)
	return c
}

func (f *flags) register(c *cobra.Command) {
	s := c.Flags()
	s.StringVarP(&f.input, "input", "i", "", "read addresses from `FILE`, one a line; - is standard input")
	s.StringVarP(&f.dir, "output-dir", "o", ".", "put files into `DIR`; it is made if need be")
	s.StringVarP(&f.name, "output", "O", "", "call the only file `NAME`, and replace what has that name")
	s.BoolVar(&f.json, "json", false, "write the results as JSON to standard output")
	s.StringVar(&f.timeline, "timeline", "", "draw who waited when into `FILE.svg`")
	s.BoolVar(&f.demo, "demo", false, "start three servers here, one of them slow, and fetch from them")
	s.IntVarP(&f.parallel, "parallel", "p", 8, "files at work at once")
	s.IntVar(&f.perHost, "per-host", 4, "files at work at once from one host")
	s.DurationVar(&f.connect, "connect-timeout", 10*time.Second, "for a connection, and for its TLS handshake")
	s.DurationVar(&f.idle, "timeout", 30*time.Second, "for how long a server may be silent")
	s.DurationVar(&f.maxTime, "max-time", 0, "for one file with all its retries; 0: no limit")
	s.IntVar(&f.backoff.Retries, "retries", 4, "how often to try again where that may help")
	s.DurationVar(&f.backoff.Base, "retry-wait", time.Second, "before the first retry; it doubles with each")
	s.DurationVar(&f.backoff.Max, "retry-max-wait", time.Minute, "the longest wait, also where a server asks for one")
	s.BoolVar(&f.backoff.Refused, "retry-refused", false, "try again too where a connection is refused")
	s.IntVar(&f.redirects, "max-redirects", 10, "how many redirects in a row to follow")
	s.StringVar(&f.userAgent, "user-agent", "asyncio-fetch/"+cli.Version(), "what to call ourselves")
}

// addresses collects those of the command line and of the list. Who types the list may
// interrupt: the read goes on, but nobody waits for it.
func (f *flags) addresses(ctx context.Context, args []string, stdin io.Reader) (list []string, err error) {
	if f.input == "" {
		return args, nil
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		list, err = readAddresses(f.input, stdin)
	}()
	select {
	case <-read:
		return append(args, list...), err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// check finds what cannot be meant, before anything is done.
func (f *flags) check(list []string) error {
	switch {
	case f.demo && len(list) > 0:
		return errors.New("--demo has its own addresses; leave out either")
	case !f.demo && len(list) == 0:
		return errors.New("no address; name a URL, or a list with -i")
	case f.name != "" && len(newDownloads(list)) != 1:
		return errors.New("-O names one file, but there are several; use -o for a folder")
	case f.name != "" && filepath.Base(f.name) != f.name, f.name == ".", f.name == "..", f.name == "-":
		return fmt.Errorf("-O %s: give a file name, and its folder with -o", f.name)
	case f.parallel < 1 || f.perHost < 1:
		return errors.New("--parallel and --per-host must be at least 1")
	case f.connect <= 0 || f.idle <= 0:
		return errors.New("--connect-timeout and --timeout must be longer than 0s")
	case f.maxTime < 0 || f.backoff.Base < 0 || f.backoff.Max < 0:
		return errors.New("--max-time, --retry-wait and --retry-max-wait must not be negative")
	case f.backoff.Retries < 0 || f.redirects < 0:
		return errors.New("--retries and --max-redirects must not be negative")
	}
	return nil
}

// config makes what the fetcher needs, all but the reporter.
func (f *flags) config(t Transport) Config {
	return Config{
		Transport: t,
		Store:     Folder{Dir: f.dir, Replace: f.name != ""},
		Name:      f.name,
		Parallel:  f.parallel, PerHost: f.perHost,
		Idle: f.idle, MaxTime: f.maxTime,
		Backoff:   f.backoff,
		Redirects: f.redirects,
		UserAgent: f.userAgent,
		Rand:      rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
	}
}
