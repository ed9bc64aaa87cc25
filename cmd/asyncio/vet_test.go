//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// runVet runs the command in the folder of the module.
func runVet(t *testing.T, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	if testing.Short() {
		t.Skip("type-checks the standard library")
	}
	return finish(t, command(append([]string{"vet"}, args...)...))
}

func finish(t *testing.T, c *exec.Cmd) (stdout, stderr string, exit int) {
	t.Helper()
	c.Dir = "../.."
	var out, err strings.Builder
	c.Stdout, c.Stderr = &out, &err
	exit = status(c.Run())
	return out.String(), err.String(), exit
}

// The programs that come with the runtime can be simulated, or say why not.
func TestVetFindsNothingInTheProgramsOfThisModule(t *testing.T) {
	stdout, stderr, exit := runVet(t, "./examples/...", "./cmd/...")
	if exit != 0 || stdout != "" || stderr != "" {
		t.Errorf("exit status %d\n%s%s", exit, stdout, stderr)
	}
}

const finding = "internal/vet/testdata/inmain/main.go:23:14: time.Now in code that runs on the loop reads the real clock: use asyncio.Now(ctx) [clock]\n"

func TestVetReportsWhatItFinds(t *testing.T) {
	const in = "./internal/vet/testdata/inmain"
	t.Run("with the exit status 1", func(t *testing.T) {
		_, stderr, exit := runVet(t, in)
		if exit != 1 || !strings.HasSuffix(stderr, finding) {
			t.Errorf("exit status %d\n%s", exit, stderr)
		}
	})
	t.Run("but for rules that are left out", func(t *testing.T) {
		if _, stderr, exit := runVet(t, "--without", "files,clock", in); exit != 0 || stderr != "" {
			t.Errorf("exit status %d\n%s", exit, stderr)
		}
	})
	t.Run("as JSON", func(t *testing.T) {
		stdout, stderr, exit := runVet(t, "--json", in)
		var found map[string]map[string][]struct{ Category, Message string }
		if err := json.NewDecoder(strings.NewReader(stdout)).Decode(&found); err != nil {
			t.Fatalf("%v: exit status %d\n%s%s", err, exit, stdout, stderr)
		}
		for _, by := range found {
			if exit == 0 && len(by["asyncio"]) == 1 && by["asyncio"][0].Category == "clock" {
				return
			}
		}
		t.Errorf("exit status %d\n%s", exit, stdout)
	})
	t.Run("in tests where it is told to look there", func(t *testing.T) {
		const in = "./internal/vet/testdata/intests"
		_, without, _ := runVet(t, in)
		_, with, exit := runVet(t, "--tests", in)
		if exit != 1 || !strings.Contains(with, "in_test.go:") || strings.Contains(without, "in_test.go:") {
			t.Errorf("with --tests, exit status %d:\n%s\nwithout:\n%s", exit, with, without)
		}
	})
	t.Run("to go vet, whose tool it is", func(t *testing.T) {
		if testing.Short() {
			t.Skip("type-checks the standard library")
		}
		c := exec.Command("go", "vet", "-vettool="+os.Args[0], in)
		c.Env = append(os.Environ(), asCommand+"=1")
		if _, stderr, exit := finish(t, c); exit != 1 || !strings.HasSuffix(stderr, finding) {
			t.Errorf("exit status %d\n%s", exit, stderr)
		}
	})
}

func TestVetRefusesARuleThatIsNotThere(t *testing.T) {
	var stderr strings.Builder
	c := command("vet", "--without", "clocks")
	c.Stderr = &stderr
	want := "asyncio vet: --without clocks: there is no such rule; see 'asyncio vet --help'\n"
	if got := status(c.Run()); got != 2 || stderr.String() != want {
		t.Errorf("exit status %d, and it says %q, want %q", got, stderr.String(), want)
	}
}

func TestVetSaysThatAPackageIsNotThere(t *testing.T) {
	_, stderr, exit := runVet(t, "./nowhere")
	if exit != 1 || !strings.Contains(stderr, "nowhere") {
		t.Errorf("exit status %d\n%s", exit, stderr)
	}
}

// The page shows a program and what is found in it.
func TestVetSaysWhatThePageSays(t *testing.T) {
	page, err := os.ReadFile("../../docs/VET.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("../../internal/vet/testdata/page/page.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(program), "type node struct")
	if !strings.Contains(string(page), "```go\ntype node struct"+body+"```") {
		t.Error("the program of the page is another")
	}
	_, stderr, _ := runVet(t, "./internal/vet/testdata/page")
	if !strings.Contains(string(page), "\n$ asyncio vet ./internal/vet/testdata/page\n"+stderr+"```") {
		t.Errorf("the page prints something else than\n%s", stderr)
	}
}
