// Package vet is the command that finds what makes a program on the loop differ from
// run to run. "go vet" does the work: it knows the packages, their files and what has
// not changed since the last time. It calls this command again for each package.
package vet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/internal/vet"
)

const long = `Finds what makes a program on the loop differ from one run to the next, and so
keeps it from being simulated. Packages are named as for "go vet"; none is the
one in this folder. Only code that runs on a loop is looked at: functions that
wait, their closures, and what only they call.

To silence one place, say why, at the end of its line or in the line above:

  //asyncio:ok people read this clock, nothing depends on it

The exit status is 1 where something was found. The rules:

`

const examples = `  asyncio vet ./...
  asyncio vet --without files,clock ./cmd/...
  go vet -vettool=$(which asyncio) ./...`

// options are what the command line asks for.
type options struct {
	tests   bool
	json    bool
	tags    string
	without []string
}

// New returns the command "vet".
func New() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:     "vet [packages]",
		Short:   "What makes a program on the loop differ from run to run",
		Long:    long + rules(),
		Example: examples,
		RunE: func(c *cobra.Command, packages []string) error {
			return o.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), packages)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.tests, "tests", false, "look into _test.go files as well")
	flags.StringSliceVar(&o.without, "without", nil, "leave out these `rules`")
	flags.StringVar(&o.tags, "tags", "", "build `tags`, as for go build")
	flags.BoolVar(&o.json, "json", false, "print what is found as JSON, with exit status 0")
	return c
}

func rules() string {
	var b strings.Builder
	for _, r := range vet.Rules {
		fmt.Fprintf(&b, "  %-10s %s\n", r.Name, r.Summary)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (o *options) check() error {
	for _, name := range o.without {
		if !slices.ContainsFunc(vet.Rules, func(r vet.Rule) bool { return r.Name == name }) {
			return cli.Usage(fmt.Errorf("--without %s: there is no such rule; see 'asyncio vet --help'", name))
		}
	}
	return nil
}

// run has go vet look at the packages with this executable.
func (o *options) run(ctx context.Context, stdout, stderr io.Writer, packages []string) error {
	if err := o.check(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "go", append(o.arguments(self), packages...)...)
	c.Stdout, c.Stderr = stdout, stderr
	err = c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && ctx.Err() == nil {
		return &cli.Status{Code: cli.StatusFailed} // go vet has said why
	}
	return err
}

func (o *options) arguments(self string) []string {
	args := []string{"vet", "-vettool=" + self}
	if o.tags != "" {
		args = append(args, "-tags="+o.tags)
	}
	if o.json {
		args = append(args, "-json")
	}
	if o.tests {
		args = append(args, "-"+vet.Analyzer.Name+".tests")
	}
	if len(o.without) > 0 {
		args = append(args, "-"+vet.Analyzer.Name+".without="+strings.Join(o.without, ","))
	}
	return append(args, "--")
}

// IsTool tells whether the arguments are those with which go vet calls its tool: what
// are your flags, what is your version, look at this package.
func IsTool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	first, last := args[0], args[len(args)-1]
	return first == "-flags" || first == "-V=full" ||
		strings.HasSuffix(last, ".cfg") && (len(args) == 1 || strings.HasPrefix(first, "-")) // not serve site.cfg
}

// Tool does what go vet asks for, and ends the process.
func Tool() { unitchecker.Main(vet.Analyzer) }
