package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

// start runs the command as a user would, on loopback. interrupt ends it, and returns
// what it has said and why it ended.
func start(t *testing.T, args ...string) (url string, interrupt func() (string, error)) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	c := New()
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetOut(write)
	c.SetArgs(append([]string{"--address", "127.0.0.1:0"}, args...))
	go func() {
		err := c.ExecuteContext(ctx)
		write.Close()
		ended <- err
	}()
	said := bufio.NewReader(read)
	first, err := said.ReadString('\n')
	if err != nil {
		t.Fatalf("%q %v; it ended with %v", first, err, <-ended)
	}
	_, url, _ = strings.Cut(strings.TrimSuffix(first, " until Ctrl-C.\n"), " at ")
	return url, func() (string, error) {
		cancel(&cli.Interrupt{Signal: os.Interrupt})
		rest, _ := io.ReadAll(said)
		return string(rest), <-ended
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, resp.Body); err != nil {
		t.Error(err)
	}
	return resp.StatusCode, body.String()
}

func TestTheCommandServesOverSockets(t *testing.T) {
	dir := newFolder(t)
	url, interrupt := start(t, dir)
	if status, body := get(t, url+"a.txt"); status != 200 || body != "0123456789" {
		t.Errorf("%d %q", status, body)
	}
	if status, body := get(t, url+"long.bin"); status != 200 || body != longText {
		t.Errorf("%d and %d bytes of a long file", status, len(body))
	}
	said, err := interrupt()
	var signal *cli.Interrupt
	if !errors.As(err, &signal) {
		t.Errorf("it ended with %v, want the signal", err)
	}
	lines := strings.Split(said, "\n")
	for i, want := range []string{"GET /a.txt 200 10 B ", "GET /long.bin 200 320.0 KB ", "Served 2 requests, 320.0 KB, in "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("it said\n%swhere line %d should begin with %q", said, i+1, want)
		}
	}
}

func TestOnlyWhatIsInTheFolderIsServed(t *testing.T) {
	dir, outside := newFolder(t), newFolder(t)
	for name, target := range map[string]string{"out": filepath.Join(outside, "a.txt"), "in": "a.txt"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	url, interrupt := start(t, dir)
	defer interrupt()
	if status, body := get(t, url+"in"); status != 200 || body != "0123456789" {
		t.Errorf("a link within the folder: %d %q", status, body)
	}
	if status, body := get(t, url+"out"); status != 403 || body != "403 Forbidden\n" {
		t.Errorf("a link that leads out: %d %q", status, body)
	}
}

func TestWhatCannotBeServedIsSaidAtOnce(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := newFolder(t)
	for _, test := range []struct {
		name string
		args []string
		says string
	}{
		{"no folder", nil, "accepts 1 arg(s), received 0"},
		{"a folder that is not there", []string{filepath.Join(dir, "none")}, filepath.Join(dir, "none")},
		{"a file", []string{filepath.Join(dir, "a.txt")}, "not a directory"},
		{"an address that is taken", []string{"--address", taken.Addr().String(), dir}, "listen tcp " + taken.Addr().String()},
		{"no address", []string{"--address", "", dir}, "--address is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New()
			c.SilenceUsage, c.SilenceErrors = true, true
			c.SetOut(io.Discard)
			c.SetArgs(test.args)
			if err := c.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("it says %v, want %q", err, test.says)
			}
		})
	}
}
