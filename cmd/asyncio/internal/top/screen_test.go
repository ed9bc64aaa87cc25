package top

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gdamore/tcell/v3"
	"github.com/gdamore/tcell/v3/vt"
	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/console/client"
)

// A tty counts whether the terminal was given back.
type tty struct {
	vt.MockTerm
	started, stopped atomic.Int32
}

func (t *tty) Start() error { t.started.Add(1); return t.MockTerm.Start() }
func (t *tty) Stop() error  { t.stopped.Add(1); return t.MockTerm.Stop() }

func newScreen(t *testing.T) (*tty, tcell.Screen) {
	t.Helper()
	term := &tty{MockTerm: vt.NewMockTerm(vt.MockOptSize{X: 80, Y: 24})}
	s, err := tcell.NewTerminfoScreenFromTty(term)
	if err != nil {
		t.Fatal(err)
	}
	return term, s
}

// program is the fake one, opened.
func program(t *testing.T, c *fake.Console) *attach.Program {
	t.Helper()
	var p *attach.Program
	var f attach.Flags
	cmd := &cobra.Command{RunE: func(cmd *cobra.Command, args []string) (err error) {
		p, err = f.Open(cmd.Context(), args)
		return err
	}}
	f.Add(cmd)
	if _, _, err := fake.Run(t.Context(), cmd, c.Address()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestTheTerminalIsGivenBackWhateverHappens(t *testing.T) {
	c := fake.Start(t)
	p := program(t, c)
	enough := errors.New("enough")
	for name, test := range map[string]struct {
		fetcher *fetcher
		end     func(*model, context.CancelCauseFunc)
		err     error
		panics  bool
	}{
		"somebody quits":     {fetcher: newFetcher(p), end: func(m *model, _ context.CancelCauseFunc) { m.quit = true }},
		"a signal comes":     {fetcher: newFetcher(p), end: func(_ *model, cancel context.CancelCauseFunc) { cancel(enough) }, err: enough},
		"a goroutine panics": {fetcher: newFetcher(nil), end: func(*model, context.CancelCauseFunc) {}, panics: true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			term, s := newScreen(t)
			m := newModel(1, client.TasksQuery{}, time.Second)
			test.end(m, cancel)
			err, panicked := watched(ctx, s, m, test.fetcher)
			if !errors.Is(err, test.err) || panicked != test.panics {
				t.Errorf("it ends with %v, panic %v", err, panicked)
			}
			if term.started.Load() != 1 || term.stopped.Load() == 0 {
				t.Errorf("the terminal was taken %d times and given back %d times", term.started.Load(), term.stopped.Load())
			}
		})
	}
}

func watched(ctx context.Context, s tcell.Screen, m *model, f *fetcher) (err error, panicked bool) {
	defer func() { panicked = recover() != nil }()
	return watch(ctx, s, m, f), false
}

// tmux 3.3 answers the question for its size with the height as its width.
func TestTheSizeIsThatOfTheTerminalWhateverAnEventSays(t *testing.T) {
	_, s := newScreen(t)
	if err := s.Init(); err != nil {
		t.Fatal(err)
	}
	defer s.Fini()
	m := newModel(1, client.TasksQuery{}, time.Second)
	if err := handle(s, m, tcell.NewEventResize(24, 80)); err != nil {
		t.Fatal(err)
	}
	if m.width != 80 || m.height != 24 {
		t.Errorf("it draws for %d×%d on a terminal of 80×24", m.width, m.height)
	}
}

func TestWhatTheCharacterSetLacksIsSaidInAnother(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	term, s := newScreen(t)
	if err := take(s); err != nil {
		t.Fatal(err)
	}
	defer s.Fini()
	show(s, []line{{"▲▼↑↓←…µ.", normal}}) // all that we say ourselves
	said := ""
	for deadline := time.Now().Add(10 * time.Second); !strings.HasSuffix(said, ".") && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		said = ""
		for x := range 8 {
			said += term.GetCell(vt.Coord{X: vt.Col(x), Y: 0}).C
		}
	}
	if said != "^v^v<~u." {
		t.Errorf("it says %q", said)
	}
}

func TestKeysHaveTheirNames(t *testing.T) {
	for _, test := range []struct {
		key  tcell.Key
		text string
		mod  tcell.ModMask
		want string
	}{
		{tcell.KeyRune, "q", 0, "q"}, {tcell.KeyRune, "S", tcell.ModShift, "S"}, {tcell.KeyRune, "é", 0, "é"}, {tcell.KeyRune, " ", 0, " "},
		{tcell.KeyRune, "c", tcell.ModCtrl, "Ctrl-C"}, {tcell.KeyCtrlC, "", tcell.ModCtrl, "Ctrl-C"}, {tcell.KeyCtrlL, "", tcell.ModCtrl, "Ctrl-L"},
		{tcell.KeyEnter, "", 0, "Enter"}, {tcell.KeyEscape, "", 0, "Esc"}, {tcell.KeyBackspace2, "", 0, "Backspace"}, {tcell.KeyPgDn, "", 0, "PgDn"},
		{tcell.KeyRune, "q", tcell.ModAlt, ""}, {tcell.KeyF5, "", 0, ""},
	} {
		if got := keyName(tcell.NewEventKey(test.key, test.text, test.mod)); got != test.want {
			t.Errorf("%v %q is %q, want %q", test.key, test.text, got, test.want)
		}
	}
	if got := keyName(tcell.NewEventKeyEx(tcell.KeyRune, "q", 0, false, 0, 0)); got != "" {
		t.Errorf("a key that is let go is %q", got)
	}
}

func TestAPictureIsFetched(t *testing.T) {
	c := fake.Start(t)
	f := newFetcher(program(t, c))
	c.Tasks = []client.Task{fake.Task(1, 0, "a", "sleep", 0), fake.Task(2, 0, "b", "sleep", 0)}
	c.Details[2] = client.Detail{Task: c.Tasks[1]}
	c.Warnings = []client.Warning{{Kind: "report"}}
	w := want{query: client.TasksQuery{Limit: 1}, task: 2}
	pic := f.fetch(t.Context(), w)
	if pic.err != nil || pic.loop.Number != 1 || len(pic.tasks.Tasks) != 1 || pic.tasks.Matching != 2 || pic.detail == nil || len(pic.warnings) != 1 {
		t.Errorf("got %+v", pic)
	}
	t.Run("of a task that has ended there is none", func(t *testing.T) {
		if pic := f.fetch(t.Context(), want{task: 3}); pic.err != nil || pic.detail != nil {
			t.Errorf("got %v, %v", pic.detail, pic.err)
		}
	})
	t.Run("as far as a blocked loop is known", func(t *testing.T) {
		c.Refuse = "the loop does not answer"
		pic := f.fetch(t.Context(), w)
		if pic.err != nil || !strings.Contains(pic.note, c.Refuse) || len(pic.warnings) != 1 {
			t.Errorf("got %+v", pic)
		}
		c.Refuse = ""
	})
	t.Run("of the loop that is wanted", func(t *testing.T) {
		if pic := f.fetch(t.Context(), want{loop: 7}); pic.err != nil || pic.loop.Number != 7 || pic.loop.State != client.Ended {
			t.Errorf("one that is not known any more: %v, %+v", pic.err, pic.loop)
		}
		c.Program.Loops[0].State = client.Ended
		if pic := f.fetch(t.Context(), want{loop: 1}); pic.err != nil || pic.loop.State != client.Ended {
			t.Errorf("%v, %+v", pic.err, pic.loop)
		}
		if pic := f.fetch(t.Context(), want{}); !errors.Is(pic.err, errNoLoop) {
			t.Errorf("none that runs: %v", pic.err)
		}
	})
	t.Run("until the program ends", func(t *testing.T) {
		c.Close()
		if pic := f.fetch(t.Context(), w); !attach.Ended(pic.err) {
			t.Errorf("%v", pic.err)
		}
	})
}

func TestTheLatestWantIsFetchedAndThenAgain(t *testing.T) {
	c := fake.Start(t)
	f := newFetcher(program(t, c))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range 10 {
		f.ask(want{query: client.TasksQuery{Match: fmt.Sprint(i)}, every: time.Millisecond})
	}
	ended := make(chan bool)
	go func() { f.run(ctx); close(ended) }()
	for range 3 {
		if pic := <-f.pictures; pic.want.query.Match != "9" || pic.err != nil {
			t.Errorf("it fetches %q, %v", pic.want.query.Match, pic.err)
		}
	}
	f.ask(want{query: client.TasksQuery{Match: "last"}, paused: true})
	for (<-f.pictures).want.query.Match != "last" {
	}
	select {
	case <-f.pictures:
		t.Error("it fetches while it is paused")
	case <-time.After(20 * time.Millisecond): // many times what it would take
	}
	cancel()
	<-ended
}
