//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
)

// The test binary is a program with a console where this is set. It does what lines on
// its standard input say.
const asProgram = "ASYNCIO_TEST_AS_PROGRAM"

// hostile is a name that would move a terminal's cursor, if it were obeyed.
const hostile = "evil\x1b[2J\x1b]0;owned\a\u202e\n"

// watched is that program: workers that wait for work, a task that starts and ends
// others, one with a hostile name.
func watched() {
	s, err := console.Serve("127.0.0.1:0", console.Token("a-token-of-the-tests"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer s.Close()
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		work := asyncio.NewQueue[int](1)
		commands := make(chan string)
		go readCommands(commands)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 30 {
				g.Go(func(ctx context.Context) error { return worker(ctx, work) }, asyncio.TaskName(fmt.Sprintf("worker-%02d", i)))
			}
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName(hostile))
			g.Go(func(ctx context.Context) error {
				fmt.Println(s.Addr()) // everything is there to be seen
				return obey(ctx, commands)
			}, asyncio.TaskName("commander"))
			return nil
		})
	})
	fmt.Println(err)
}

func readCommands(to chan<- string) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		to <- lines.Text()
	}
}

func worker(ctx context.Context, work *asyncio.Queue[int]) error {
	for {
		if _, err := work.Get(ctx); err != nil {
			return err
		}
	}
}

// obey does what the test says, and says that it was done.
func obey(ctx context.Context, commands <-chan string) error {
	for {
		line, _, err := asyncio.Receive(ctx, commands)
		if err != nil {
			return err
		}
		switch line {
		case "more": // ten tasks more
			for i := range 10 {
				asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName(fmt.Sprintf("more-%d", i)))
			}
		case "ring": // two tasks that wait for each other
			var a, b *asyncio.Task[struct{}]
			a = asyncio.Go(ctx, func(ctx context.Context) error { _, err := b.Await(ctx); return err }, asyncio.TaskName("ring-a"))
			b = asyncio.Go(ctx, func(ctx context.Context) error { _, err := a.Await(ctx); return err }, asyncio.TaskName("ring-b"))
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // they wait from here on
				return err
			}
		case "count":
			fmt.Println(len(asyncio.AllTasks(ctx)))
			continue
		case "block": // until the next line comes
			fmt.Println("blocking")
			blockTheLoop(commands)
		}
		fmt.Println("done")
	}
}

func blockTheLoop(until <-chan string) { <-until }

// A program is a process of [watched].
type program struct {
	t       *testing.T
	address string
	cmd     *exec.Cmd
	in      io.Writer
	out     *bufio.Scanner
}

func startProgram(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var says strings.Builder // such as that the loop is blocked
	p.cmd.Stderr = &says
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.kill(); t.Failed() {
			t.Logf("the program said %s", says.String())
		}
	})
	p.in, p.out = in, bufio.NewScanner(out)
	p.address = p.line()
	return p
}

// say gives the program an order and returns what it answers.
func (p *program) say(order string) string {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, order); err != nil {
		p.t.Fatal(err)
	}
	return p.line()
}

func (p *program) line() string {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatal("the program says nothing more")
	}
	return strings.TrimSpace(p.out.Text())
}

// kill ends it at once.
func (p *program) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}
