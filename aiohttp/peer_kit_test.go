package aiohttp_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

// The tests whose names begin with TestPeer have a program of somebody else at the other
// end. Where it is not installed they are skipped; .ci/servers installs it.

// needs skips the test where a program is not there.
func needs(t *testing.T, program string) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs another program")
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%v; .ci/servers installs it on Debian", err)
	}
}

// patience is for programs that hang: nothing here takes a tenth of it, unless the machine
// is busy with something else.
const patience = 2 * time.Minute

// A stranger is a loop with a server of ours and programs that use it. All of them are
// tasks of one loop.
type stranger struct {
	t   *testing.T
	url string
	ca  string // a file with the certificate of the server, where it has TLS
}

// estranged serves a handler on loopback, by plain HTTP or with TLS and HTTP/2.
func estranged(t *testing.T, secure bool, h http.Handler, test func(ctx context.Context, s *stranger)) {
	t.Helper()
	server := &aiohttp.Server{Handler: h, OnError: func(r asyncio.Report) { t.Errorf("reported: %s: %v\n%s", r.Message, r.Err, r.Stack) }}
	s := &stranger{t: t, url: "http://"}
	if secure {
		server.TLSConfig, s.ca = certified(t)
		server.HTTP2 = true
		s.url = "https://"
	}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		ctx, timeout := asyncio.WithTimeout(ctx, patience)
		defer timeout.Cancel()
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.url += l.Addr().String()
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return server.Serve(ctx, l) })
		test(ctx, s)
		server.Close()
		if _, err := serving.Await(ctx); err != http.ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
		return ctx.Err()
	})
	if err != nil {
		t.Error(err)
	}
}

// certified is the config of a server for 127.0.0.1 and a file with its certificate.
func certified(t *testing.T) (*tls.Config, string) {
	t.Helper()
	theirs := httptest.NewUnstartedServer(nil)
	theirs.StartTLS()
	defer theirs.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: theirs.Certificate().Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: theirs.TLS.Certificates}, path
}

// ask runs a program to its end and returns what it has written. A status other than 0
// fails the test.
func (s *stranger) ask(ctx context.Context, program string, args ...string) string {
	s.t.Helper()
	cmd := aioexec.Command(program, args...)
	cmd.Group = true // with what it starts
	out, err := cmd.Output(ctx)
	if err != nil {
		failed, _ := err.(*exec.ExitError)
		if failed == nil {
			failed = &exec.ExitError{}
		}
		s.t.Errorf("%s: %v\n%s%s", cmd, err, out, failed.Stderr)
	}
	return string(out)
}

// lines are the lines of a text, without empty ones at its end.
func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }
