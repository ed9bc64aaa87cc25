package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

// TestMain keeps the proxy of the machine out of the tests.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// outcome is what a run of the command leaves.
type outcome struct {
	out, err string
	status   int
	dir      string
}

// command runs the command as a user would, with files going to a new folder.
func command(ctx context.Context, t *testing.T, args ...string) outcome {
	t.Helper()
	o := outcome{dir: t.TempDir()}
	return o.run(ctx, t, args...)
}

// run runs the command once more with the same folder.
func (o outcome) run(ctx context.Context, t *testing.T, args ...string) outcome {
	t.Helper()
	o.status = 0
	var out, errs bytes.Buffer
	c := New()
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetOut(&out)
	c.SetErr(&errs)
	c.SetIn(strings.NewReader(""))
	c.SetArgs(append([]string{"-o", o.dir, "--retry-wait", "0s"}, args...))
	err := c.ExecuteContext(ctx)
	var status *cli.Status
	switch {
	case errors.As(err, &status):
		o.status = status.Code
	case err != nil:
		o.status = -1
	}
	if err != nil {
		fmt.Fprintln(&errs, err)
	}
	o.out, o.err = out.String(), errs.String()
	return o
}

// files returns the names in the folder.
func (o outcome) files(t *testing.T) []string { return names(t, Folder{Dir: o.dir}) }

func (o outcome) want(t *testing.T, status int, files ...string) {
	t.Helper()
	if got := o.files(t); o.status != status || !slices.Equal(got, files) {
		t.Errorf("status %d, files %q, want %d, %q\nstdout:\n%sstderr:\n%s", o.status, got, status, files, o.out, o.err)
	}
}

// hijack answers with raw bytes and then breaks the connection off.
func hijack(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, raw)
		conn.Close()
	}
}

// text is a file that is served with all that a good server offers.
func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(len(s))))
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(s))
	}
}

// badServer misbehaves, in a way for each path.
func badServer(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/good", text("good"))
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/short", hijack("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123"))
	mux.HandleFunc("/chunks", hijack("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n"))
	mux.HandleFunc("/silent", hijack(""))
	mux.HandleFunc("/noise", hijack("\x1b[31mwhat?\r\n\r\n"))
	mux.HandleFunc("/gzip", hijack("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n0123456789"))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// closedPort returns an address at which nothing listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestEachMishapIsOneClearLineAndDisturbsNoOther(t *testing.T) {
	server, closed := badServer(t), closedPort(t)
	plain := strings.TrimPrefix(server.URL, "http://")
	cases := []struct{ address, want string }{
		{"http://" + closed + "/x", "connection refused: nothing listens at " + closed},
		{"http://[::1/x", "not a URL: missing ']' in host"},
		{"gopher://h/x", `the scheme "gopher" is not supported; use http or https`},
		{"https://" + plain + "/good", "the server does not speak TLS there; try http:// instead of https://"},
		{server.URL + "/missing", "the server answered 404 Not Found"},
		{server.URL + "/round", "more than 10 redirects (--max-redirects), the last to " + server.URL + "/round"},
		{server.URL + "/short", "the body was cut short: 4 of 10 bytes came (after 2 attempts); not kept: the server cannot go on from there"},
		{server.URL + "/chunks", "the body was cut short after 4 bytes (after 2 attempts); not kept: the server cannot go on from there"},
		{server.URL + "/silent", "the server closed the connection without an answer (after 2 attempts)"},
		{server.URL + "/noise", `malformed HTTP response "\x1b[31mwhat?" (after 2 attempts)`},
		{server.URL + "/gzip", "the body is not the gzip that its header announces: gzip: invalid header"},
	}
	args := []string{"--retries", "1", server.URL + "/good"}
	for _, c := range cases {
		args = append(args, c.address)
	}
	o := command(t.Context(), t, args...)
	o.want(t, cli.StatusFailed, "good")
	for _, c := range cases {
		t.Run(c.address[strings.LastIndex(c.address, "/")+1:]+" "+c.want[:12], func(t *testing.T) {
			var found int
			for line := range strings.Lines(o.err) {
				if rest, ok := strings.CutPrefix(line, "failed  "+c.address+": "); ok {
					found++
					if !strings.HasPrefix(rest, c.want) {
						t.Errorf("said  %swant  %s", rest, c.want)
					}
				}
			}
			if found != 1 {
				t.Errorf("%d lines about %s, want 1, in\n%s", found, c.address, o.err)
			}
		})
	}
	if strings.ContainsAny(o.err, "\x1b\r") {
		t.Error("a server can send control sequences to the terminal")
	}
	if !strings.HasPrefix(o.out, "done    "+filepath.Join(o.dir, "good")+"  4 B in ") || !strings.Contains(o.out, "1 of 12 files, 11 failed") {
		t.Errorf("standard output:\n%s", o.out)
	}
}

func TestAnUntrustedCertificateIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(text("secret"))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	o := command(t.Context(), t, server.URL+"/x")
	o.want(t, cli.StatusFailed)
	if !strings.Contains(o.err, "the server's certificate is not accepted: ") {
		t.Errorf("said %s", o.err)
	}
}

func TestADiskThatIsFullIsSaidAndDisturbsNoOther(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no device that is always full")
	}
	server := httptest.NewServer(text("text"))
	t.Cleanup(server.Close)
	o := command(t.Context(), t)
	// The part of one file is on a device that is always full.
	address := server.URL + "/x"
	p, err := Folder{Dir: o.dir}.open(address, "x")
	if err != nil {
		t.Fatal(err)
	}
	path := p.(*partFile).path
	p.(*partFile).close()
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	o = o.run(t.Context(), t, address, server.URL+"/y")
	if o.status != cli.StatusFailed || !strings.Contains(o.err, "the disk is full: "+path+" cannot grow; make room") {
		t.Errorf("status %d, said %s", o.status, o.err)
	}
	if content(t, Folder{Dir: o.dir}, "y") != "text" {
		t.Error("the other file is not there")
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	server := httptest.NewServer(text("text"))
	t.Cleanup(server.Close)
	t.Run("because it is not allowed", func(t *testing.T) {
		if os.Getuid() == 0 || runtime.GOOS == "windows" {
			t.Skip("this user may write everywhere")
		}
		o := command(t.Context(), t)
		if err := os.Chmod(o.dir, 0o555); err != nil {
			t.Fatal(err)
		}
		o = o.run(t.Context(), t, server.URL+"/x")
		o.want(t, cli.StatusFailed)
		if !strings.Contains(o.err, "not allowed to write in "+o.dir) {
			t.Errorf("said %s", o.err)
		}
	})
	t.Run("because it is a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		o := outcome{dir: file}.run(t.Context(), t, server.URL+"/x")
		if o.status != cli.StatusFailed || !strings.Contains(o.err, file+" is in something that is not a folder") {
			t.Errorf("status %d, said %s", o.status, o.err)
		}
	})
}

func TestAnInterruptedDownloadGoesOnInTheNextRun(t *testing.T) {
	body := strings.Repeat(whole, 100_000)
	ctx, interrupt := context.WithCancelCause(t.Context())
	var ranges []string
	first := command(t.Context(), t) // for its folder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) > 1 {
			text(body)(w, r)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(len(body))))
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		io.WriteString(w, body[:len(body)/2])
		http.NewResponseController(w).Flush()
		waitForPart(first.dir)
		interrupt(&cli.Interrupt{Signal: os.Interrupt})
		<-r.Context().Done() // the client gives the connection up, or the test hangs
	}))
	t.Cleanup(server.Close)

	first = first.run(ctx, t, server.URL+"/x")
	if first.status != -1 || !strings.Contains(first.err, "ended by signal") || !strings.Contains(first.err, "stopped "+server.URL+"/x: ") {
		t.Errorf("status %d, said %s", first.status, first.err)
	}
	if slices.Contains(first.files(t), "x") {
		t.Fatal("half a file has the final name")
	}
	second := first.run(t.Context(), t, server.URL+"/x")
	second.want(t, 0, "x")
	if content(t, Folder{Dir: second.dir}, "x") != body {
		t.Error("the file is not what the server has")
	}
	if !strings.HasPrefix(ranges[1], "bytes=") || !strings.Contains(second.out, "were here already") {
		t.Errorf("the second run asked for %q and said %s", ranges[1], second.out)
	}
}

// waitForPart returns when the first bytes of a part are on the disk.
func waitForPart(dir string) {
	for {
		parts, _ := filepath.Glob(filepath.Join(dir, "*.part"))
		for _, p := range parts {
			if info, err := os.Stat(p); err == nil && info.Size() > 0 {
				return
			}
		}
		runtime.Gosched()
	}
}

func TestAServerThatHangsIsLetGoOf(t *testing.T) {
	for what, send := range map[string]string{
		"before the header": "",
		"in the body":       "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123",
	} {
		t.Run(what, func(t *testing.T) {
			ctx, interrupt := context.WithCancelCause(t.Context())
			gone := make(chan error, 1)
			o := command(t.Context(), t) // for its folder
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					panic(err)
				}
				defer conn.Close()
				io.WriteString(conn, send)
				if send != "" {
					waitForPart(o.dir)
				}
				interrupt(&cli.Interrupt{Signal: os.Interrupt})
				_, err = conn.Read(make([]byte, 1)) // until the client closes the connection
				gone <- err
			}))
			t.Cleanup(server.Close)
			o.run(ctx, t, server.URL+"/x").want(t, -1)
			if err := <-gone; err == nil {
				t.Error("the client did not close the connection, but sent more")
			}
		})
	}
}

func TestWhoTypesTheListMayInterrupt(t *testing.T) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	silent, typing := io.Pipe()
	defer typing.Close()
	c := New()
	c.SetIn(silent)
	c.SetArgs([]string{"-i", "-"})
	c.SilenceUsage, c.SilenceErrors = true, true
	why := &cli.Interrupt{Signal: os.Interrupt}
	interrupt(why)
	if err := c.ExecuteContext(ctx); err != why {
		t.Errorf("got %v, want the interrupt", err)
	}
}

func TestAPackedBodyIsUnpackedUnlessThatIsTheFile(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "text")
	z.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("asked for %q, want identity", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	}))
	t.Cleanup(server.Close)
	o := command(t.Context(), t, server.URL+"/a.txt", server.URL+"/b.tar.gz")
	o.want(t, 0, "a.txt", "b.tar.gz")
	if f := (Folder{Dir: o.dir}); content(t, f, "a.txt") != "text" || content(t, f, "b.tar.gz") != packed.String() {
		t.Error("a.txt is not unpacked, or b.tar.gz is")
	}
}

func TestWhatAServerSendsBeyondItsLengthIsNotInTheFile(t *testing.T) {
	server := httptest.NewServer(hijack("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext and more"))
	t.Cleanup(server.Close)
	o := command(t.Context(), t, server.URL+"/a")
	o.want(t, 0, "a")
	if f := (Folder{Dir: o.dir}); content(t, f, "a") != "text" || o.err != "" {
		t.Errorf("file %q, stderr %q", content(t, f, "a"), o.err)
	}
}

func TestTheLibraryLogsNothingAcrossTheBars(t *testing.T) {
	var logged bytes.Buffer
	before := log.Writer()
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(before) })
	restore := quiet()
	log.Print("unasked")
	restore()
	log.Print("asked")
	if got := logged.String(); strings.Contains(got, "unasked") || !strings.Contains(got, "asked") {
		t.Errorf("logged %q, want what came after", got)
	}
}

func TestJSON(t *testing.T) {
	server := badServer(t)
	secret := strings.Replace(server.URL, "http://", "http://user:pass@", 1)
	o := command(t.Context(), t, "--json", secret+"/good", server.URL+"/missing")
	var doc summaryJSON
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil {
		t.Fatalf("%v in\n%s", err, o.out)
	}
	if len(doc.Results) != 2 || doc.Summary.Done != 1 || doc.Summary.Failed != 1 || doc.Summary.Received != 4 {
		t.Fatalf("got %+v", doc)
	}
	good, missing := doc.Results[0], doc.Results[1]
	if good.Result != "done" || good.File != filepath.Join(o.dir, "good") || good.Bytes != 4 || good.Status != 200 || good.Error != "" {
		t.Errorf("got %+v", good)
	}
	if missing.Result != "failed" || missing.File != "" || missing.Status != 404 || missing.Error != "the server answered 404 Not Found" {
		t.Errorf("got %+v", missing)
	}
	if strings.Contains(o.out+o.err, "pass@") {
		t.Error("a password is shown")
	}
}

func TestTheCommandLine(t *testing.T) {
	server := httptest.NewServer(text("text"))
	t.Cleanup(server.Close)
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(server.URL+"/b\n"+server.URL+"/c\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Run("takes addresses and lists", func(t *testing.T) {
		command(t.Context(), t, server.URL+"/a", "-i", list).want(t, 0, "a", "b", "c")
	})
	t.Run("takes a name for the only file", func(t *testing.T) {
		o := command(t.Context(), t, "-O", "name", server.URL+"/a")
		o.run(t.Context(), t, "-O", "name", server.URL+"/a").want(t, 0, "name")
	})
	for what, c := range map[string]struct {
		args []string
		want string
	}{
		"needs an address":                   {nil, "no address; name a URL"},
		"needs a list that is there":         {[]string{"-i", "no/such/list"}, "no/such/list"},
		"has one name for one file":          {[]string{"-O", "x", "http://a/", "http://b/"}, "names one file"},
		"has no folder in the name":          {[]string{"-O", "../x", "http://a/"}, "give a file name, and its folder with -o"},
		"has at least one at once":           {[]string{"-p", "0", "http://a/"}, "must be at least 1"},
		"has time to wait":                   {[]string{"--timeout", "0s", "http://a/"}, "longer than 0s"},
		"counts retries from 0":              {[]string{"--retries", "-1", "http://a/"}, "must not be negative"},
		"has a demo without other addresses": {[]string{"--demo", "http://a/"}, "leave out either"},
		"has no negative time":               {[]string{"--max-time", "-1s", "http://a/"}, "must not be negative"},
	} {
		t.Run(what, func(t *testing.T) {
			o := command(t.Context(), t, c.args...)
			o.want(t, cli.StatusUsage)
			if !strings.Contains(o.err, c.want) {
				t.Errorf("said %q, want %q in it", o.err, c.want)
			}
		})
	}
}
