//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ask runs the command and returns what it writes.
func ask(t *testing.T, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	c := command(args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	exit = status(c.Run())
	return out.String(), errs.String(), exit
}

// must is [ask] for what has to work.
func must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, exit := ask(t, args...)
	if exit != 0 {
		t.Fatalf("asyncio %v: exit status %d: %s", args, exit, stderr)
	}
	return stdout, stderr
}

// alone lets no other program of this user be found.
func alone(t *testing.T) { t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) }

func TestAProgramIsFound(t *testing.T) {
	alone(t)
	p := startProgram(t)
	pid := strconv.Itoa(p.cmd.Process.Pid)
	_, port, _ := strings.Cut(p.address, ":")
	for name, args := range map[string][]string{
		"because it is the only one": {"ps"},
		"by its process":             {"ps", "--pid", pid},
		"by its address":             {"ps", p.address},
		"by its port":                {"ps", ":" + port},
		"by the URL that it prints":  {"ps", "http://" + p.address + "/?token=a-token-of-the-tests"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs := must(t, args...)
			if !strings.Contains(out, "commander") || !strings.Contains(errs, "process "+pid) {
				t.Errorf("%s%s", errs, out)
			}
		})
	}
	t.Run("but not with a wrong token", func(t *testing.T) {
		_, errs, exit := ask(t, "ps", p.address, "--token", "wrong-wrong-wrong-wrong")
		if exit != 1 || !strings.Contains(errs, "wants its token") {
			t.Errorf("exit status %d, %s", exit, errs)
		}
	})
	t.Run("unless it is one of several", func(t *testing.T) {
		other := startProgram(t)
		_, errs, exit := ask(t, "ps")
		if exit != 2 || !strings.Contains(errs, p.address) || !strings.Contains(errs, other.address) {
			t.Errorf("exit status %d, %s", exit, errs)
		}
	})
	t.Run("and not when it is gone", func(t *testing.T) {
		p.kill()
		if _, errs, exit := ask(t, "ps", p.address); exit != 1 || !strings.Contains(errs, "nobody answers at "+p.address) {
			t.Errorf("exit status %d, %s", exit, errs)
		}
		if _, errs, exit := ask(t, "ps", "--pid", pid); exit != 1 || !strings.Contains(errs, "no such process") {
			t.Errorf("exit status %d, %s", exit, errs)
		}
	})
}

func TestPsShowsTheProgramsOwnTasks(t *testing.T) {
	alone(t)
	p := startProgram(t)
	out, _ := must(t, "ps", p.address, "--json")
	var answer struct {
		PID   int
		Loops []struct {
			Tasks []struct{ Name, State, Waits_for string }
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	tasks := answer.Loops[0].Tasks
	if want := p.say("count"); strconv.Itoa(len(tasks)) != want || answer.PID != p.cmd.Process.Pid {
		t.Errorf("%d tasks of process %d, the program has %s", len(tasks), answer.PID, want)
	}
	found := false
	for _, task := range tasks {
		found = found || task.Name == hostile && task.State == "waiting"
	}
	if !found {
		t.Error("the hostile name is not among them as it is")
	}
	t.Run("and nothing that a terminal would obey", func(t *testing.T) {
		table, notes := must(t, "ps", p.address)
		for _, text := range []string{out, table, notes} {
			if strings.ContainsAny(text, "\x1b\a\u202e") {
				t.Errorf("in\n%q", text)
			}
		}
	})
	t.Run("those that are asked for", func(t *testing.T) {
		table, _ := must(t, "ps", p.address, "--filter", "worker-1", "--sort", "name", "--desc", "--limit", "3")
		lines := strings.Split(strings.TrimSpace(table), "\n")
		if len(lines) != 4 || !strings.Contains(lines[1], "worker-19") || !strings.Contains(lines[3], "worker-17") {
			t.Errorf("\n%s", table)
		}
	})
}

func TestTreeOfAProgram(t *testing.T) {
	alone(t)
	p := startProgram(t)
	p.say("ring")
	out, errs := must(t, "tree", p.address)
	for _, want := range []string{"main (1) waiting for the 32 tasks of a group", "├─ worker-00 (2) waiting for Queue.Get", "├─ … and 27 like these", "└─ commander (33)", "   ├─ ring-a (34)", "   └─ ring-b (35)"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if want := "A ring of tasks that wait for each other: ring-a (34) → ring-b (35) → ring-a (34)\n"; !strings.Contains(errs, want) {
		t.Errorf("%q is not in\n%s", want, errs)
	}
	t.Run("by who waits for whom", func(t *testing.T) {
		out, _ := must(t, "tree", p.address, "--awaits")
		if want := "\nring-a (34) waiting for"; !strings.Contains(out, want) || strings.Count(out, "⟲") != 1 {
			t.Errorf("\n%s", out)
		}
	})
	t.Run("in full", func(t *testing.T) {
		if out, _ := must(t, "tree", p.address, "--all"); strings.Count(out, "worker-") != 30 {
			t.Errorf("\n%s", out)
		}
	})
	t.Run("from one task", func(t *testing.T) {
		if out, _ := must(t, "tree", p.address, "--root", "33", "--depth", "1"); !strings.HasPrefix(out, "commander (33)") || !strings.Contains(out, "; and 2 directly below it\n") {
			t.Errorf("\n%s", out)
		}
		if _, errs, exit := ask(t, "tree", p.address, "--root", "999"); exit != 1 || !strings.Contains(errs, "has no task 999 now") {
			t.Errorf("exit status %d, %s", exit, errs)
		}
	})
}

func TestStacksOfAProgram(t *testing.T) {
	alone(t)
	p := startProgram(t)
	out, _ := must(t, "stacks", p.address)
	for _, want := range []string{"30 tasks, waiting for Queue.Get: worker-00 (2)", "and 22 more\n", "asyncio.worker\n", "1 task, waiting for a Go channel: commander (33)\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(out, "internal/coro") {
		t.Errorf("the machinery is in\n%s", out)
	}
	if out, _ := must(t, "stacks", p.address, "--raw"); strings.Count(out, "asyncio.worker(") != 30 {
		t.Errorf("not every worker is in\n%s", out)
	}
	if out, _ := must(t, "stacks", p.address, "--task", "33"); !strings.HasPrefix(out, "commander (33): waiting for a Go channel\n") || !strings.Contains(out, "asyncio.obey\n") {
		t.Errorf("\n%s", out)
	}
	t.Run("of a loop that is blocked, and what blocks it", func(t *testing.T) {
		p.say("block")
		for deadline := time.Now().Add(patience); ; {
			out, _ := must(t, "stacks", p.address)
			if strings.Contains(out, "BLOCKED for at least") && strings.Contains(out, "(chan receive)\n") && strings.Contains(out, "blockTheLoop") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("\n%s", out)
			}
		}
		_, errs := must(t, "ps", p.address)
		if !strings.Contains(errs, "Loop 1 is blocked for at least") || !strings.Contains(errs, "blockTheLoop") {
			t.Errorf("ps says\n%s", errs)
		}
	})
}

func TestRecordSavesWhatALoopDoes(t *testing.T) {
	alone(t)
	p := startProgram(t)
	dir := t.TempDir()
	t.Run("as lines of JSON", func(t *testing.T) {
		name := filepath.Join(dir, "a.ndjson")
		_, errs := must(t, "record", p.address, "--for", "300ms", "-o", name)
		if !regexp.MustCompile(`^[\d.]+ K?B saved as .*a\.ndjson\. Open it in the page of a console`).MatchString(errs) {
			t.Errorf("it says %q", errs)
		}
		lines := jsonLines(t, name)
		if lines[0]["format"] != "asyncio-recording" || lines[0]["pid"] != float64(p.cmd.Process.Pid) {
			t.Errorf("it begins with %v", lines[0])
		}
	})
	t.Run("for Perfetto", func(t *testing.T) {
		name := filepath.Join(dir, "a.json")
		_, errs := must(t, "record", p.address, "--for", "300ms", "--format", "perfetto", "-o", name)
		text, err := os.ReadFile(name)
		var trace struct{ TraceEvents []any }
		if err == nil {
			err = json.Unmarshal(text, &trace)
		}
		if err != nil || len(trace.TraceEvents) == 0 || !strings.Contains(errs, "ui.perfetto.dev") {
			t.Errorf("%d events, %v, it says %q", len(trace.TraceEvents), err, errs)
		}
	})
	t.Run("to standard output", func(t *testing.T) {
		out, errs := must(t, "record", p.address, "--for", "200ms", "-o", "-")
		if !strings.HasPrefix(out, `{`) || errs != "" {
			t.Errorf("%.100q, it says %q", out, errs)
		}
	})
	t.Run("until Ctrl-C, and what there is until then", func(t *testing.T) {
		name := filepath.Join(dir, "c.ndjson")
		c := command("record", p.address, "--for", "10m", "-o", name)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(patience); !hasSome(filepath.Join(dir, ".c.ndjson.*")) && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		c.Process.Signal(os.Interrupt)
		if got := status(c.Wait()); got != 130 {
			t.Errorf("exit status %d", got)
		}
		if lines := jsonLines(t, name); lines[0]["format"] != "asyncio-recording" {
			t.Errorf("it begins with %v", lines[0])
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
			t.Errorf("it leaves %v", left)
		}
	})
	t.Run("to a reader that has enough of it, which is no end of the program", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		defer w.Close()
		c := command("record", p.address, "--for", "10m", "-o", "/dev/stdout")
		var errs bytes.Buffer
		c.Stdout, c.Stderr = w, &errs
		if got := status(c.Run()); got != 1 || !strings.Contains(errs.String(), "broken pipe") || strings.Contains(errs.String(), "program") {
			t.Errorf("exit status %d, it says %q", got, errs.String())
		}
	})
	t.Run("nothing where there is no program", func(t *testing.T) {
		p.kill()
		name := filepath.Join(dir, "d.ndjson")
		if _, _, exit := ask(t, "record", p.address, "-o", name); exit != 1 {
			t.Errorf("exit status %d", exit)
		}
		if _, err := os.Stat(name); err == nil {
			t.Error("there is a file")
		}
	})
}

// hasSome tells that a file of that pattern has something in it.
func hasSome(pattern string) bool {
	files, _ := filepath.Glob(pattern)
	if len(files) == 0 {
		return false
	}
	info, err := os.Stat(files[0])
	return err == nil && info.Size() > 0
}

// jsonLines reads a recording.
func jsonLines(t *testing.T, name string) (lines []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var l map[string]any
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%v: %.100q", err, line)
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		t.Fatal("the recording is empty")
	}
	return lines
}
