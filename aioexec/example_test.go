//go:build unix

package aioexec_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/aionet"
)

func ExampleCommand() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		fast := asyncio.CreateTask(ctx, aioexec.Command("echo", "fast").Output)
		slow := asyncio.CreateTask(ctx, aioexec.Command("sh", "-c", "sleep 0.05; echo slow").Output)
		out, err := asyncio.Gather(ctx, slow, fast) // both at the same time
		fmt.Printf("%s", out)
		return err
	})
	// Output:
	// [slow
	//  fast
	// ]
}

func ExampleCmd_Run() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		cmd := aioexec.Command("tr", "a-z", "A-Z")
		cmd.Stdin = strings.NewReader("text from a reader\n")
		cmd.Stdout = os.Stdout
		if err := cmd.Run(ctx); err != nil {
			return err
		}
		failing := aioexec.Command("sh", "-c", "exit 3")
		var exit *exec.ExitError
		if err := failing.Run(ctx); errors.As(err, &exit) {
			fmt.Println("status", exit.ExitCode())
		}
		return nil
	})
	// Output:
	// TEXT FROM A READER
	// status 3
}

// A timeout ends the child: it is asked to by SIGTERM, and killed where it does not
// obey within WaitDelay.
func ExampleCmd_Run_timeout() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		ctx, timeout := asyncio.WithTimeout(ctx, 100*time.Millisecond)
		defer timeout.Cancel()
		cmd := aioexec.Command("sleep", "1000")
		err := cmd.Run(ctx)
		fmt.Println(timeout.Caused(err), cmd.ProcessState)
		return nil
	})
	// Output: true signal: terminated
}

func ExampleCmd_Communicate() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		stdout, stderr, err := aioexec.Command("sh", "-c", "sort; echo sorted >&2").Communicate(ctx, []byte("b\nc\na\n"))
		fmt.Printf("%q %q %v\n", stdout, stderr, err)
		return nil
	})
	// Output: "a\nb\nc\n" "sorted\n" <nil>
}

func ExampleCmd_CombinedOutput() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		out, err := aioexec.Command("sh", "-c", "echo result; echo complaint >&2").CombinedOutput(ctx)
		fmt.Printf("%q %v\n", out, err)
		return nil
	})
	// Output: "result\ncomplaint\n" <nil>
}

// A conversation with a child.
func ExampleCmd_StdoutPipe() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		cmd := aioexec.Command("sh", "-c", "while read name; do echo hello $name; done")
		in, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(ctx); err != nil {
			return err
		}
		answers := bufio.NewScanner(out.WithContext(ctx))
		for _, name := range []string{"Anna", "Ben"} {
			fmt.Fprintln(in.WithContext(ctx), name)
			answers.Scan()
			fmt.Println(answers.Text())
		}
		in.Close() // the end of its input, at which it ends
		return cmd.Wait(ctx)
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello Anna
	// hello Ben
}

// Deadlines, for a library that sets them: the output as a connection of aionet.
func ExampleCmd_Start_deadline() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		near, far, err := os.Pipe()
		if err != nil {
			return err
		}
		defer near.Close()
		cmd := aioexec.Command("sh", "-c", "echo hello; exec sleep 1000")
		cmd.Stdout = far
		err = cmd.Start(ctx)
		far.Close() // the child has its own
		if err != nil {
			return err
		}
		out, err := aionet.FileConn(ctx, near)
		if err != nil {
			return err
		}
		defer out.Close()
		buf := make([]byte, 100)
		n, err := out.Read(buf)
		fmt.Printf("%q %v\n", buf[:n], err)
		out.SetReadDeadline(asyncio.Now(ctx).Add(10 * time.Millisecond))
		_, err = out.Read(buf)
		fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
		return nil // and the end of the loop ends the child
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// "hello\n" <nil>
	// true
}

// A shell and whatever it starts are ended together.
func ExampleCmd_Join() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		cmd := aioexec.Command("sh", "-c", "sleep 1000 & sleep 1000")
		cmd.Group = true
		if err := cmd.Start(ctx); err != nil {
			return err
		}
		owner := asyncio.Go(ctx, cmd.Join)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		owner.Cancel(nil)
		_, err := owner.Await(ctx)
		fmt.Println(err != nil, cmd.ProcessState)
		return nil
	})
	// Output: true signal: terminated
}
