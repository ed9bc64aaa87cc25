package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// program is a root with one subcommand, "work", that ends with err.
func program(err error) *cobra.Command {
	root := &cobra.Command{Use: "asyncio"}
	root.SetOut(new(bytes.Buffer))
	work := &cobra.Command{
		Use: "work", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return err },
	}
	work.Flags().Int("number", 0, "a number")
	root.AddCommand(work)
	return root
}

func TestExitStatus(t *testing.T) {
	disk := errors.New("disk full")
	tests := []struct {
		name   string
		args   []string
		err    error
		code   int
		stderr string
	}{
		{"a command that works is silent", []string{"work"}, nil, 0, ""},
		{"a failure is 1 and one line", []string{"work"}, disk, 1, "asyncio work: disk full\n"},
		{"a status carries its own code", []string{"work"}, &Status{Code: 7, Err: disk}, 7, "asyncio work: disk full\n"},
		{"a status without an error says nothing", []string{"work"}, &Status{Code: 3}, 3, ""},
		{"a usage error of the command is 2", []string{"work"}, Usage(disk), 2, "asyncio work: disk full\n"},
		{"an unknown flag is 2", []string{"work", "--nonsense"}, nil, 2,
			"asyncio work: unknown flag: --nonsense; see 'asyncio work --help'\n"},
		{"a bad flag value is 2", []string{"work", "--number", "x"}, nil, 2, "see 'asyncio work --help'\n"},
		{"a surplus argument is 2", []string{"work", "x"}, nil, 2, "see 'asyncio work --help'\n"},
		{"an unknown command is 2", []string{"play"}, nil, 2,
			"asyncio: unknown command \"play\" for \"asyncio\"; see 'asyncio --help'\n"},
		{"one that is nearly one too", []string{"wor"}, nil, 2,
			"asyncio: unknown command \"wor\" for \"asyncio\"; see 'asyncio --help'\n"},
		{"help is 0", []string{"--help"}, nil, 0, ""},
		{"help about a command too", []string{"help", "work"}, nil, 0, ""},
		{"help about what is none is 2", []string{"help", "play"}, nil, 2, "unknown command \"play\" for \"asyncio\"; see 'asyncio help --help'\n"},
		{"a signal is 128 and its number", []string{"work"}, &Interrupt{syscall.SIGTERM}, 143,
			"asyncio work: ended by signal: terminated\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stderr bytes.Buffer
			code := run(t.Context(), program(test.err), test.args, &stderr)
			if code != test.code {
				t.Errorf("exit status %d, want %d", code, test.code)
			}
			if got := stderr.String(); !strings.HasSuffix(got, test.stderr) || test.stderr == "" && got != "" {
				t.Errorf("stderr %q, want %q", got, test.stderr)
			}
			if n := strings.Count(stderr.String(), "\n"); n > 1 {
				t.Errorf("%d lines on stderr, want at most one", n)
			}
		})
	}
}

func TestAnErrorUnderAnInterruptedContextIsTheInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&Interrupt{os.Interrupt})
	var stderr bytes.Buffer
	if code := run(ctx, program(context.Canceled), []string{"work"}, &stderr); code != 130 {
		t.Errorf("exit status %d, want 130", code)
	}
	if got, want := stderr.String(), "asyncio work: ended by signal: interrupt\n"; got != want {
		t.Errorf("stderr %q, want %q", got, want)
	}
}

func TestStopEndsTheContextWithoutASignal(t *testing.T) {
	ctx, stop := withSignals(t.Context())
	stop()
	<-ctx.Done()
	if cause := context.Cause(ctx); cause != context.Canceled {
		t.Errorf("cause is %v, want plain cancellation", cause)
	}
}

func TestTheVersionIsNeverEmpty(t *testing.T) {
	if Version() == "" {
		t.Error("empty version")
	}
}
