//go:build unix

package console_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
)

// flightChild in the environment makes the test binary a program with a flight recorder.
const flightChild = "CONSOLE_TEST_FLIGHT_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(flightChild) != "" {
		flightProgram()
		return
	}
	os.Exit(m.Run())
}

// flightProgram runs until there is something on its input, or its end.
func flightProgram() {
	console.StartFromEnvironment()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			for {
				if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
			}
		}, asyncio.TaskName("heart"))
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			fmt.Println("ready")
			return bufio.NewReader(os.Stdin).Read(make([]byte, 1))
		})
		return err
	})
	if err != nil && !errors.Is(err, io.EOF) {
		fmt.Println(err)
	}
}

func TestARealProcessSavesAtARealSignal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flights")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), flightChild+"=1", "ASYNCIO_FLIGHT="+dir, "ASYNCIO_FLIGHT_DETAIL=exact")
	input, err1 := cmd.StdinPipe()
	output, err2 := cmd.StdoutPipe()
	told, err3 := cmd.StderrPipe()
	if err1 != nil || err2 != nil || err3 != nil || cmd.Start() != nil {
		t.Fatal(err1, err2, err3)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	lines := bufio.NewReader(told)
	for range 2 {
		if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadString('\n')
		found := regexp.MustCompile(`^asyncio: recording of loop 1 \(signal\) saved as (\S+)\n$`).FindStringSubmatch(line)
		if err != nil || found == nil {
			t.Fatalf("%q, %v", line, err)
		}
		if s := check(t, found[1]); s.Steps == 0 || s.Header.Detail != "exact" || s.Header.PID != cmd.Process.Pid {
			t.Errorf("%+v", s)
		}
		if text, _ := os.ReadFile(found[1]); !strings.Contains(string(text), `"heart"`) {
			t.Error("the task is not in it")
		}
	}
	input.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the signal has not ended the program, but something did: %v", err)
	}
}

func TestARecorderThatCannotStartLetsTheProgramGoOn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), flightChild+"=1", "ASYNCIO_FLIGHT="+file)
	cmd.Stdin = strings.NewReader("x")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "asyncio: no flight recorder (ASYNCIO_FLIGHT="+file+")") || !strings.Contains(string(out), "ready") {
		t.Errorf("%v, %s", err, out)
	}
}
