package docs

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// With -update SIMULATION.md gets what its commands print now.
var update = flag.Bool("update", false, "write into SIMULATION.md what its commands print")

// A session is a block of text that begins with a command: "$ " before it and its output
// below. What stands behind the word text says how much of the output is shown.
var sessions = regexp.MustCompile("(?m)^```text(.*)\n\\$ (.*)\n((?s:.*?))^```$")

// shown are lines of an output: the first ones, and those from a word on; or all.
type shown struct {
	first int
	from  string
}

var parts = regexp.MustCompile(`(?: first (\d+))?(?: from (\S+))?`)

func parseShown(words string) shown {
	m := parts.FindStringSubmatch(words)
	first, _ := strconv.Atoi(m[1])
	return shown{first, m[2]}
}

// of leaves out what is not shown.
func (s shown) of(output string) string {
	if s == (shown{}) {
		return output
	}
	lines := strings.SplitAfter(output, "\n")
	lines = lines[:len(lines)-1]
	kept, left := "", 0
	for i, line := range lines {
		if i < s.first {
			kept += line
			continue
		}
		if s.from != "" && strings.Contains(line, s.from) {
			if left > 0 && kept != "" {
				kept += "…\n"
			}
			return kept + strings.Join(lines[i:], "")
		}
		left++
	}
	return kept + "…\n"
}

// passing is what differs from run to run: times, and how far a campaign had come on the
// other processors when one of its schedules failed.
var passing = []*regexp.Regexp{
	regexp.MustCompile(`\([^()\n]*s each\)`),
	regexp.MustCompile(`choices in \S+`),
	regexp.MustCompile(`, \d+/s;`),
	regexp.MustCompile(`\(\d+\.\d\ds\)`),
	regexp.MustCompile(`(?m)\t(\d+\.\d+s|\(cached\))$`),
	regexp.MustCompile(`(?m)^ +campaign: .*\n( {19,}.*\n)*`),
	regexp.MustCompile(`(?m)[ \t]+$`),
}

func masked(output string) string {
	for _, p := range passing {
		output = p.ReplaceAllString(output, "")
	}
	return output
}

// shell runs the commands of a page one after the other. What one exports the others
// have.
type shell struct {
	folder      string // for recordings, which the page has elsewhere
	environment []string
}

func (s *shell) run(t *testing.T, command string) string {
	t.Helper()
	if assignment, ok := strings.CutPrefix(command, "export "); ok {
		s.environment = append(s.environment, assignment)
		return ""
	}
	const usual = "/tmp/asyncio-sim"
	command = strings.ReplaceAll(command, usual, s.folder)
	c := exec.Command("sh", "-c", command)
	c.Dir = ".."
	c.Env = append(os.Environ(), s.environment...)
	if !strings.Contains(command, "SIM_REPLAY") {
		c.Env = append(c.Env, "SIM_SHRINK=5m") // a slow machine gets the same far
	}
	out, _ := c.CombinedOutput() // a test that fails is what the page is about
	return strings.ReplaceAll(string(out), s.folder, usual)
}

// names are what a failure is replayed by. Commands further down repeat them.
var names = []*regexp.Regexp{regexp.MustCompile(`SIM_REPLAY=(u1:\S*)`), regexp.MustCompile(`recording: (\S+)`)}

// renamed is a command with the names that the outputs above it have now.
type renamed struct{ pairs []string }

func (r *renamed) note(old, output string) {
	for _, name := range names {
		was, is := name.FindStringSubmatch(old), name.FindStringSubmatch(output)
		if was != nil && is != nil && was[1] != is[1] {
			r.pairs = append(r.pairs, was[1], is[1])
		}
	}
}

func (r *renamed) in(command string) string { return strings.NewReplacer(r.pairs...).Replace(command) }

// The page shows what its commands print, but for times.
func TestTheSimulationGuideShowsWhatItsCommandsPrint(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("runs go test many times, in a shell, and tells of Linux's debuggers")
	}
	page, err := os.ReadFile("SIMULATION.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	sh := &shell{folder: folder, environment: []string{"SIM_DIR=" + folder}}
	found, names := 0, &renamed{}
	fresh := sessions.ReplaceAllStringFunc(string(page), func(block string) string {
		found++
		m := sessions.FindStringSubmatch(block)
		command := m[2]
		if *update {
			command = names.in(command)
		}
		output := parseShown(m[1]).of(sh.run(t, command))
		if *update {
			names.note(m[3], output)
			return "```text" + m[1] + "\n$ " + command + "\n" + output + "```"
		}
		if masked(output) != masked(m[3]) {
			t.Errorf("$ %s\nprints\n%s\nand the page says\n%s(go test ./docs -run Simulation -update writes the page anew)", command, output, m[3])
		}
		return block
	})
	if found < 8 {
		t.Errorf("found %d commands: this test looks in the wrong way", found)
	}
	if *update {
		write(t, "SIMULATION.md", fresh)
	}
	samePicture(t, filepath.Join(folder, "seats.svg"))
	sameInReadme(t, fresh, names)
}

// sameInReadme compares the lines of a failure in README.md with those of the page.
func sameInReadme(t *testing.T, page string, names *renamed) {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := names.in(string(text))
	if *update {
		write(t, "../README.md", readme)
	}
	_, failure, found := strings.Cut(readme, "-run TestFaults ./examples/seats\n")
	failure, _, ends := strings.Cut(failure, "```")
	if !found || !ends {
		t.Fatal("README.md shows no failure: this test looks in the wrong way")
	}
	page = masked(page)
	for line := range strings.SplitSeq(masked(failure), "\n") {
		if !strings.Contains(page, line) {
			t.Errorf("README.md has a line that the page has not: %s", line)
		}
	}
}

// samePicture compares the picture of the page with the one that was made.
func samePicture(t *testing.T, made string) {
	t.Helper()
	is, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		write(t, "seats.svg", string(is))
	}
	if shown, err := os.ReadFile("seats.svg"); err != nil || string(shown) != string(is) {
		t.Errorf("the page shows another picture than the one that is made (%v)", err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The Go code of the page is the program's and its tests'.
func TestTheSimulationGuideShowsTheProgramAsItIs(t *testing.T) {
	page, err := os.ReadFile("SIMULATION.md")
	if err != nil {
		t.Fatal(err)
	}
	program := ""
	for _, name := range []string{"versions.go", "main_test.go"} {
		text, err := os.ReadFile(filepath.Join("../examples/seats", name))
		if err != nil {
			t.Fatal(err)
		}
		program += string(text)
	}
	found := 0
	for _, m := range regexp.MustCompile("(?m)^```go\n((?s:.*?))^```$").FindAllStringSubmatch(string(page), -1) {
		found++
		if !strings.Contains(program, m[1]) {
			t.Errorf("the program is another:\n%s", m[1])
		}
	}
	if found < 4 {
		t.Errorf("found %d pieces of code: this test looks in the wrong way", found)
	}
}
