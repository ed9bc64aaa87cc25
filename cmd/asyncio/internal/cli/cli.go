// Package cli is what all subcommands of asyncio share: how they end.
//
// A subcommand is a [cobra.Command] with a RunE. Its cmd.Context() ends at the
// first SIGINT, SIGTERM or SIGHUP, with an [Interrupt] as its cause; the second
// signal ends the process at once. The error that RunE returns becomes one line on
// standard error and the exit status: wrap it in [Status] where 1 is wrong.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit statuses. A signal adds its number to [StatusSignal], as shells do.
const (
	StatusFailed = 1
	StatusUsage  = 2
	StatusSignal = 128
)

// Status is an error that decides the exit status. With a nil Err nothing is
// printed: the command has said everything already.
type Status struct {
	Code int
	Err  error
}

func (s *Status) Error() string {
	if s.Err == nil {
		return fmt.Sprintf("exit status %d", s.Code)
	}
	return s.Err.Error()
}

func (s *Status) Unwrap() error { return s.Err }

// Usage marks err as a mistake on the command line: exit status 2.
func Usage(err error) error { return &Status{Code: StatusUsage, Err: err} }

// Main runs root with args and returns the exit status of the process.
func Main(root *cobra.Command, args []string, stderr io.Writer) int {
	ctx, stop := withSignals(context.Background())
	defer stop()
	return run(ctx, root, args, stderr)
}

func run(ctx context.Context, root *cobra.Command, args []string, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetErr(stderr)
	// One line per mistake: a page of usage text would hide it.
	root.SilenceUsage, root.SilenceErrors, root.DisableSuggestions = true, true, true
	wantTopics(root)
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }

	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !started {
		// The command line was not understood: cobra made this error, not a command.
		err = Usage(fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath()))
	}
	return report(ctx, cmd, err, stderr)
}

// wantTopics makes help about what is no command a mistake like that command itself.
func wantTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil && help != root {
		help.Args = func(_ *cobra.Command, args []string) error {
			_, _, err := root.Find(args)
			return err
		}
	}
}

// report prints err, unless it is silent, and tells its exit status.
func report(ctx context.Context, cmd *cobra.Command, err error, stderr io.Writer) int {
	var status *Status
	var interrupt *Interrupt
	switch {
	case errors.As(err, &status) && status.Err == nil:
		return status.Code
	case errors.As(err, &status):
		fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), err)
		return status.Code
	case errors.As(err, &interrupt), errors.As(context.Cause(ctx), &interrupt):
		fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), interrupt)
		return interrupt.Code()
	}
	fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), err)
	return StatusFailed
}
