package tidy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The README's program and its test are put into a module of their own, in the
// way that the README tells users, and must run.
func TestTheProgramOfTheReadmeRunsInAModuleOfItsOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and runs a program")
	}
	dir := t.TempDir()
	programs := programsOf(t, filepath.Join(root, "README.md"))
	if len(programs) != 3 {
		t.Fatalf("the README has %d complete Go files, want the program, its test and the servers", len(programs))
	}
	for i, name := range []string{"main.go", "main_test.go"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(programs[i]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	clone, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	run(t, dir, "go", "mod", "init", "example.com/greet")
	run(t, dir, "go", "mod", "edit", "-require", module+"@v0.0.0", "-replace", module+"="+clone)
	run(t, dir, "go", "mod", "tidy")
	if out := run(t, dir, "go", "run", "."); out != "[hello hello] <nil>\n" {
		t.Errorf("the program printed %q", out)
	}
	run(t, dir, "go", "test", ".")
	servers := filepath.Join(dir, "servers") // which do not end: they must compile
	if err := os.Mkdir(servers, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(servers, "main.go"), []byte(programs[2]), 0o666); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "go", "mod", "tidy")
	run(t, dir, "go", "vet", "./servers")
}

// programsOf are the Go files in a page, in order.
func programsOf(t *testing.T, page string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "```go\n")[1:] {
		program, _, _ := strings.Cut(part, "```")
		if strings.HasPrefix(program, "package ") {
			all = append(all, program)
		}
	}
	return all
}

func run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", command, err, out.String(), errs.String())
	}
	return out.String()
}
