// Command asyncio shows what an event loop does, and puts one to work.
//
//	asyncio fetch       many downloads at once, with bounds, retries and resuming
//	asyncio ps          the tasks of a program that runs: what each waits for, since when
//	asyncio record      saves what the loop of a program does for a while
//	asyncio serve       the files of a folder over HTTP, each request told as it comes
//	asyncio stacks      where each task of a program is
//	asyncio top         a program live: how busy its loop is, and its tasks
//	asyncio tree        who has started whom, and who waits for whom
//	asyncio tutorial    two factorials, one loop: what blocking costs and what waiting saves
//	asyncio vet         what makes a program on the loop differ from run to run
//
// "asyncio help COMMAND" describes each command. The exit status is 0 where
// everything worked, 1 where something failed, 2 where the command line was
// wrong, and 130, 143 or 129 where SIGINT, SIGTERM or SIGHUP ended the command.
package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fetch"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/ps"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/record"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/serve"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/stacks"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/top"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/tree"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/tutorial"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/vet"
)

// commands lists the subcommands. A new one is one line here.
func commands() []*cobra.Command {
	return []*cobra.Command{
		fetch.New(),
		ps.New(),
		record.New(),
		serve.New(),
		stacks.New(),
		top.New(),
		tree.New(),
		tutorial.New(),
		vet.New(),
	}
}

func main() {
	if vet.IsTool(os.Args[1:]) {
		vet.Tool()
	}
	os.Exit(cli.Main(root(), os.Args[1:], os.Stderr))
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:     "asyncio",
		Short:   "One event loop, many tasks: see it, and use it",
		Version: cli.Version(),
	}
	c.SetUsageTemplate(strings.ReplaceAll(c.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	c.AddCommand(commands()...)
	return c
}
