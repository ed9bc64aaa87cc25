package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// over wraps an error as net/http does.
func over(err error) error { return &url.Error{Op: "Get", URL: "http://h/x", Err: err} }

func dial(err error) error {
	return over(&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, Err: err})
}

func disk(err error) error {
	return &storeError{&fs.PathError{Op: "write", Path: filepath.Join("dir", "x.part"), Err: err}}
}

func TestErrorsInPlainWords(t *testing.T) {
	for _, c := range []struct {
		what      string
		err       error
		want      string
		transient bool
	}{
		{"a host that does not exist", dial(&net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}), "no such host: h", false},
		{"a name server that does not answer", dial(&net.DNSError{Err: "server misbehaving", Name: "h", Server: "9.9.9.9:53"}),
			"dial tcp 127.0.0.1:80: lookup h on 9.9.9.9:53: server misbehaving", true},
		{"a refused connection", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
			"connection refused: nothing listens at 127.0.0.1:80", false},
		{"a connection that is reset", over(os.NewSyscallError("read", syscall.ECONNRESET)), "the server broke the connection off (reset)", true},
		{"a connection that takes too long", dial(os.ErrDeadlineExceeded), "no connection within the time given (--connect-timeout)", true},
		{"our own time limit", &timeoutError{"not done within", time.Second, "--max-time"}, "not done within 1s (--max-time)", true},
		{"a connection that is closed", over(io.EOF), "the server closed the connection without an answer", true},
		{"a body that is cut short", &cutError{4, 10}, "the body was cut short: 4 of 10 bytes came", true},
		{"a body of unknown length that is cut short", &cutError{4, -1}, "the body was cut short after 4 bytes", true},
		{"a status that nobody knows", &statusError{799, -1}, "the server answered 799 a status that HTTP does not define", false},
		{"a status that passes", &statusError{503, -1}, "the server answered 503 Service Unavailable", true},
		{"a full disk", disk(syscall.ENOSPC), "the disk is full: " + filepath.Join("dir", "x.part") + " cannot grow; make room", false},
		{"a full quota", disk(syscall.EDQUOT), "the disk is full: " + filepath.Join("dir", "x.part") + " cannot grow; make room", false},
		{"a folder of others", disk(syscall.EACCES), "not allowed to write in dir; choose another folder with -o", false},
		{"a folder that is none", disk(syscall.ENOTDIR),
			filepath.Join("dir", "x.part") + " is in something that is not a folder; choose another folder with -o", false},
		{"a broken disk", disk(syscall.EIO), "cannot write: write " + filepath.Join("dir", "x.part") + ": " + syscall.EIO.Error(), false},
		{"the last of several", &retriedError{over(io.EOF), 3}, "the server closed the connection without an answer (after 3 attempts)", true},
		{"a long wait", &waitError{&statusError{429, time.Hour}, time.Hour, time.Minute},
			"the server answered 429 Too Many Requests and wants 1h0m0s of waiting, more than --retry-max-wait 1m0s", true},
		{"an interrupt", over(context.Canceled), "interrupted", true},
		{"what a server makes up", errors.New("a\x1b[2J\r\nb\u202ec"), "a [2J  b c", true},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := explain(c.err); got != c.want {
				t.Errorf("said %q, want %q", got, c.want)
			}
			if got := transient(c.err, false); got != c.transient {
				t.Errorf("transient is %v, want %v", got, c.transient)
			}
		})
	}
}

func TestErrorsKeepWhatTheyAre(t *testing.T) {
	for _, c := range []struct{ err, is error }{
		{&cutError{4, 10}, io.ErrUnexpectedEOF},
		{&timeoutError{"silent for", time.Second, "--timeout"}, os.ErrDeadlineExceeded},
		{disk(syscall.ENOSPC), syscall.ENOSPC},
		{&retriedError{disk(fs.ErrPermission), 2}, fs.ErrPermission},
	} {
		if !errors.Is(c.err, c.is) {
			t.Errorf("%v is no %v", c.err, c.is)
		}
	}
	var status *statusError
	wait := &waitError{&statusError{429, time.Hour}, time.Hour, time.Minute}
	if !errors.As(wait, &status) || !strings.Contains(fmt.Sprint(&retriedError{wait, 2}), "429") {
		t.Errorf("%v hides the status", wait)
	}
}
