package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// childEnv tells a process that it is a child which measures one side once.
const childEnv = "ASYNCIO_BENCH_CHILD"

// measureInChild measures in a process of its own. The runtime keeps the
// descriptor of every goroutine that ever lived and uses it again, so in one
// process the second side would get for nothing what the first had to pay.
func measureInChild(w workload, by impl, ops int) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("finding the program to start again: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", childEnv, w.name, by, ops))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("measuring in a child process: %w", err)
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		return 0, fmt.Errorf("the child process printed no number: %w", err)
	}
	return v, nil
}

// runChild does a child's work and reports whether this process is one. It
// ends the process where the work fails.
func runChild(out io.Writer) bool {
	job := os.Getenv(childEnv)
	if job == "" {
		return false
	}
	v, err := childMeasure(job)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	fmt.Fprintln(out, v)
	return true
}

func childMeasure(job string) (float64, error) {
	var name string
	var by impl
	var ops int
	if _, err := fmt.Sscan(job, &name, &by, &ops); err != nil {
		return 0, fmt.Errorf("%s=%q is not a name, a side and a number: %w", childEnv, job, err)
	}
	ws := choose(workloads(), name)
	if len(ws) != 1 || by < 0 || by >= implCount || ws[0].sides[by] == nil || ops <= 0 {
		return 0, fmt.Errorf("%s=%q names no side of a workload", childEnv, job)
	}
	runtime.GOMAXPROCS(1)
	return perTask(ws[0].sides[by], ops)
}
