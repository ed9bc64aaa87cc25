package browser_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A recorded is a file with what a loop has done.
type recorded struct {
	file   string
	events int
	tasks  int
}

// writing is a watcher that writes down what the first loop does.
type writing struct {
	begun sync.Once
	ready chan struct{}
	rec   *tape.Recorder
}

func (w *writing) LoopBegins(s monitor.Source) {
	w.begun.Do(func() {
		w.rec = tape.Record(s, tape.Options{Detail: monitor.Exact, MaxEvents: -1})
		close(w.ready)
	})
}
func (w *writing) LoopEnds(_ monitor.Source, err error)        { w.rec.End(err) }
func (w *writing) Reported(_ monitor.Source, _ monitor.Report) {}

// record runs main on a loop of its own and writes down everything that happens.
func record(t *testing.T, main func(ctx context.Context) error) recorded {
	t.Helper()
	w := &writing{ready: make(chan struct{})}
	stop := monitor.Watch(w)
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- asyncio.Run(t.Context(), main) }()
	<-w.ready
	defer w.rec.Close()
	r := recorded{file: filepath.Join(t.TempDir(), "long.ndjson")}
	text := tape.AppendHeader(nil, w.rec.Header())
	for {
		b, err := w.rec.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, r.events, r.tasks = b.Append(text), r.events+len(b.Events), r.tasks+len(b.Tasks)
		if b.Lost > 0 {
			t.Logf("%d events were lost", b.Lost)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// exchange has sixty tasks hand things to each other, each in its own time, until that
// has made some hundred thousand events.
func exchange(ctx context.Context) error {
	const pairs, hands = 30, 900
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for i := range pairs {
			queue, dice := asyncio.NewQueue[int](4), rand.New(rand.NewPCG(1, uint64(i)))
			g.Go(func(ctx context.Context) error {
				for n := range hands {
					if err := queue.Put(ctx, n); err != nil {
						return err
					}
					if n%10 == 0 {
						if err := asyncio.Sleep(ctx, time.Duration(dice.IntN(20))*time.Millisecond); err != nil {
							return err
						}
					}
				}
				return nil
			}, asyncio.TaskName(fmt.Sprintf("producer %02d", i)))
			g.Go(func(ctx context.Context) error {
				for range hands {
					if _, err := queue.Get(ctx); err != nil {
						return err
					}
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			}, asyncio.TaskName(fmt.Sprintf("consumer %02d", i)))
		}
		return nil
	})
}

// openFile gives the page a file, as the button "Open a recording" does.
func (tb *tab) openFile(file string) {
	tb.t.Helper()
	tb.do(chromedp.SetUploadFiles(chromedp.CSS(`input[type="file"]`), []string{file}))
}

// measureFrames moves the timeline with each frame that the browser draws, and returns
// how long each took. In a page without one it measures the browser alone.
const measureFrames = `new Promise(done => {
	const canvas = document.querySelector(".tl-scroll canvas"), took = [];
	const wheel = (more) => canvas?.dispatchEvent(new WheelEvent("wheel", {bubbles: true, cancelable: true, clientX: 700, clientY: canvas.getBoundingClientRect().top + 5, ...more}));
	let last = 0, n = 0;
	const frame = now => {
		if (last) took.push(now - last);
		last = now;
		if (n++ == 150) return done(took);
		if (n < 50) wheel({deltaY: -40, ctrlKey: true});
		else if (n < 100) wheel({deltaX: 30});
		else wheel({deltaY: 20, ctrlKey: true});
		requestAnimationFrame(frame);
	};
	requestAnimationFrame(frame);
})`

// A recording of a hundred thousand events can be looked at: everything is there, and
// zooming and panning keep up with a page that draws nothing. How long a frame takes
// depends on the machine and is told, not judged.
func TestARecordingOfAHundredThousandEvents(t *testing.T) {
	theBrowser(t)
	r := record(t, exchange)
	server, origin := aConsole(t) // after the loop, which it would show
	if r.events < 100_000 {
		t.Fatalf("the program has made %d events", r.events)
	}
	tab := newTab(t)
	tab.open("about:blank")
	empty := eval[[]float64](tab, measureFrames)

	tab.open(server.URL())
	tab.waitText("No loop runs")
	begin := time.Now()
	tab.openFile(r.file)
	tab.waitFor("the timeline is there", `!!document.querySelector(".tl-scroll canvas")`)
	tab.settle()
	opened := time.Since(begin)

	t.Run("everything in it is there", func(t *testing.T) {
		for name, want := range map[string]int{"events": r.events, "tasks": r.tasks} {
			if got := tab.number(name); got != want {
				t.Errorf("the page shows %d %s, the file has %d", got, name, want)
			}
		}
		tab.pictures("all")
	})
	t.Run("one can zoom and move in it", func(t *testing.T) {
		before := eval[string](tab, `document.querySelector(".tl-scroll canvas").toDataURL()`)
		moved := eval[[]float64](tab, measureFrames)
		after := eval[string](tab, `document.querySelector(".tl-scroll canvas").toDataURL()`)
		if before == after {
			t.Error("the picture is the same as before")
		}
		t.Logf("%d events in %d tasks: opened in %v; a frame takes %.1f ms (median) and %.1f ms (p99), that of an empty page %.1f and %.1f: %.1f times the median",
			r.events, r.tasks, opened.Round(time.Millisecond), quantile(moved, .5), quantile(moved, .99), quantile(empty, .5), quantile(empty, .99), quantile(moved, .5)/quantile(empty, .5))
		tab.picture("zoomed")
	})
	tab.isSound(origin)
}
