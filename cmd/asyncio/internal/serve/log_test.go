package serve

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// A stopped terminal takes nothing until it is let go.
type stopped struct {
	held   chan struct{} // closed when the first Write has come
	goOn   chan struct{}
	writes []string
}

func (s *stopped) Write(p []byte) (int, error) {
	if len(s.writes) == 0 {
		close(s.held)
		<-s.goOn
	}
	s.writes = append(s.writes, string(p))
	return len(p), nil
}

// logTo runs a test with a log whose terminal is stopped in the middle of a first line.
func logTo(t *testing.T, test func(l *log)) []string {
	t.Helper()
	out := &stopped{held: make(chan struct{}), goOn: make(chan struct{})}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := newLog(out)
		return l.during(ctx, func(ctx context.Context) error {
			l.say("first")
			asyncio.Receive(ctx, out.held)
			test(l)
			close(out.goOn)
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
	return out.writes
}

func TestATerminalThatIsStoppedHoldsUpNobody(t *testing.T) {
	got := logTo(t, func(l *log) {
		l.say("second")
		l.say("third")
	})
	if len(got) != 2 || got[0] != "first\n" || got[1] != "second\nthird\n" {
		t.Errorf("written %q", got)
	}
}

func TestLinesThatNobodyTakesAreCountedAndNotKept(t *testing.T) {
	got := logTo(t, func(l *log) {
		for i := range maxLines + 5 {
			l.say(fmt.Sprint(i))
		}
	})
	lines := strings.Split(got[1], "\n")
	if len(lines) != maxLines+2 || lines[maxLines] != "… and 5 lines that nobody took in time" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-2])
	}
}

func TestTheStatusIsColoredOnATerminal(t *testing.T) {
	r := httptest.NewRequest("GET", "/x", nil)
	for status, want := range map[int]string{
		200: "\x1b[32m200\x1b[0", 206: "\x1b[32m206\x1b[0", 304: "\x1b[36m304\x1b[0",
		404: "\x1b[33m404\x1b[0", 500: "\x1b[31m500\x1b[0",
	} {
		a := &answer{ResponseWriter: httptest.NewRecorder()}
		a.WriteHeader(http.StatusEarlyHints) // is not the answer
		a.WriteHeader(status)
		if line := a.line(r, time.Second, true); !strings.Contains(line, "GET /x "+want) {
			t.Errorf("%d is written as %q", status, line)
		}
		if line, want := a.line(r, time.Second, false), fmt.Sprintf("GET /x %d 0 B 1.0 s", status); line != want {
			t.Errorf("without color %q, want %q", line, want)
		}
	}
}
