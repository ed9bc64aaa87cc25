package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/client"
)

// A program is a process with its console on: a scene, or a command.
type program struct {
	t       *testing.T
	cmd     *exec.Cmd
	page    string // the address that it printed, with the token
	stdin   io.WriteCloser
	answers chan string   // lines of its standard output
	gone    chan struct{} // closed when it has ended
	err     error         // how, once gone is closed

	mu     sync.Mutex
	stderr strings.Builder
}

// play starts a scene in a process of its own, with the environment that turns the
// console on: see scenes_test.go.
func play(t *testing.T, scene string, env ...string) *program {
	t.Helper()
	theBrowser(t) // skips the test before anything is started
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sceneVariable+"="+scene, "ASYNCIO_CONSOLE=127.0.0.1:0")
	cmd.Env = append(cmd.Env, env...)
	p := start(t, cmd)
	p.page = p.finds(regexp.MustCompile(`asyncio: console at (http://\S+)`))
	return p
}

// start starts a process that is killed at the end of the test.
func start(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{t: t, cmd: cmd, answers: make(chan string, 1000), gone: make(chan struct{})}
	cmd.Stderr = writer(func(b []byte) { p.stderr.Write(b) }, &p.mu)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		p.stdin, err = cmd.StdinPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.gone)
		lines := bufio.NewScanner(stdout)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			p.answers <- lines.Text()
		}
		p.err = cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program has said:\n%s", p.said())
		}
	})
	return p
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func writer(write func(b []byte), mu *sync.Mutex) io.Writer {
	return writerFunc(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		write(b)
		return len(b), nil
	})
}

// said is the standard error of the program so far.
func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// finds waits until the program has said what matches, and returns the first group.
func (p *program) finds(pattern *regexp.Regexp) string {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if m := pattern.FindStringSubmatch(p.said()); m != nil {
			return m[1]
		}
		select {
		case <-p.gone:
			p.t.Fatalf("the program has ended (%v) and has not said %s but:\n%s", p.err, pattern, p.said())
		default:
		}
	}
	p.t.Fatalf("the program has not said %s but:\n%s", pattern, p.said())
	return ""
}

// kill ends the program as kill -9 does, and waits for its end.
func (p *program) kill() {
	p.cmd.Process.Kill()
	p.wait()
}

// wait waits for the end of the program.
func (p *program) wait() error {
	p.t.Helper()
	for end := time.After(patience); ; {
		select {
		case <-p.gone:
			return p.err
		case <-p.answers: // so that it can write them
		case <-end:
			p.t.Errorf("the program does not end")
			return nil
		}
	}
}

// tell sends the program a line.
func (p *program) tell(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.stdin, line); err != nil {
		p.t.Fatal(err)
	}
}

// ask sends the program a line and decodes its answer.
func ask[T any](p *program, line string) (answer T) {
	p.t.Helper()
	p.tell(line)
	select {
	case text := <-p.answers:
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			p.t.Fatalf("%s: the program answers %.200q: %v", line, text, err)
		}
	case <-p.gone:
		p.t.Fatalf("%s: the program has ended: %v", line, p.err)
	case <-time.After(patience):
		p.t.Fatalf("%s: no answer", line)
	}
	return answer
}

// origin is the page's scheme, host and port.
func (p *program) origin() string {
	u, err := url.Parse(p.page)
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host
}

// token is that of the page's address.
func (p *program) token() string {
	u, err := url.Parse(p.page)
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Query().Get("token")
}

// api asks the console what programs ask it.
func (p *program) api() *client.Client {
	c := client.New(strings.TrimPrefix(p.origin(), "http://"), p.token())
	p.t.Cleanup(c.Close)
	return c
}

// watch opens the page of the program.
func (p *program) watch() *tab {
	p.t.Helper()
	tb := newTab(p.t)
	tb.open(p.page)
	return tb
}

// within is a context for a question to the console.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
