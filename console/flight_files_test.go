package console_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// startFlight starts a recorder whose files go to a folder of the test's.
func startFlight(t *testing.T, f console.Flight) (*console.FlightRecorder, string) {
	t.Helper()
	if f.Dir == "" {
		f.Dir = filepath.Join(t.TempDir(), "flights")
	}
	if f.Saved == nil {
		f.Saved = func(console.SavedFlight) {}
	}
	r, err := console.StartFlight(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, f.Dir
}

// files are the names in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// save saves the recordings of all loops and returns that of a loop.
func save(t *testing.T, r *console.FlightRecorder, s monitor.Source, why string) console.SavedFlight {
	t.Helper()
	saved, err := r.Save(context.Background(), why)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range saved {
		if f.Loop == s.Number() {
			return f
		}
	}
	t.Fatalf("no recording of loop %d among %+v", s.Number(), saved)
	return console.SavedFlight{}
}

// check holds a recording to the rules.
func check(t *testing.T, file string) tape.Summary {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := tape.Check(f, true)
	if err != nil {
		text, _ := os.ReadFile(file)
		t.Fatalf("%v in\n%.20000s", err, text)
	}
	return s
}

func TestASavedFlightIsTwoFilesForThisUserAlone(t *testing.T) {
	r, dir := startFlight(t, console.Flight{})
	loop := newFake(t, monitor.Task{ID: 1, Name: "main", State: "waiting"})
	saved := save(t, r, loop, "../by hand")
	if filepath.Dir(saved.File) != dir || filepath.Dir(saved.Trace) != dir || saved.Why != "../by hand" || saved.Err != nil {
		t.Errorf("%+v", saved)
	}
	for _, name := range []string{saved.File, saved.Trace} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if !strings.HasPrefix(filepath.Base(name), "flight-") || strings.Contains(filepath.Base(name), " ") {
			t.Errorf("a file is called %q", name)
		}
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder: %v, %v", info.Mode(), err)
		}
	}
	if s := check(t, saved.File); s.Left != 1 || s.Header.Loop != loop.Number() {
		t.Errorf("the recording: %+v", s)
	}
	if text, err := os.ReadFile(saved.Trace); err != nil || !strings.Contains(string(text), `"main (task 1)"`) {
		t.Errorf("the trace: %v, %s", err, text)
	}
	for _, name := range files(t, dir) {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s was left behind", name)
		}
	}
}

func TestTheOldestRecordingsAreDeletedAndNothingElse(t *testing.T) {
	r, dir := startFlight(t, console.Flight{MaxFiles: 3})
	foreign := []string{"notes.txt", "a.ndjson", "flight-plan.txt", "flight-1.ndjson", "flight-20260102.ndjson", "flight-plan.ndjson", "flight-1.perfetto.json"}
	for _, name := range foreign {
		write(t, filepath.Join(dir, name))
	}
	const folder = "flight-20260102T150405.000001-test-1-loop1-test.ndjson"
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	foreign = append(foreign, folder)
	write(t, filepath.Join(dir, "flight-20260102T150405.000002-test-1-loop1-test.perfetto.json")) // of a recording for which there was no room
	loop := newFake(t)
	var last []console.SavedFlight
	for range 6 {
		last = append(last, save(t, r, loop, "test"))
		time.Sleep(2 * time.Millisecond) // names are times
	}
	if n := len(files(t, dir)); n != len(foreign)+2*3 {
		t.Errorf("%d files: %v", n, files(t, dir))
	}
	for i, s := range last {
		_, err1 := os.Stat(s.File)
		_, err2 := os.Stat(s.Trace)
		if gone := errors.Is(err1, fs.ErrNotExist) && errors.Is(err2, fs.ErrNotExist); gone != (i < 3) {
			t.Errorf("recording %d of 6: %v, %v", i, err1, err2)
		}
	}
}

func write(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// there tells whether a recording is there.
func there(s console.SavedFlight) bool {
	_, err1 := os.Stat(s.File)
	_, err2 := os.Stat(s.Trace)
	return err1 == nil && err2 == nil
}

func TestTheRecordingsOfOneOccasionStayTogether(t *testing.T) {
	r, _ := startFlight(t, console.Flight{MaxFiles: 2})
	for range 4 {
		newFake(t)
	}
	var saved [2][]console.SavedFlight
	for i := range saved {
		var err error
		if saved[i], err = r.Save(context.Background(), "test"); err != nil || len(saved[i]) != 4 {
			t.Fatalf("%v, %+v", err, saved[i])
		}
		for _, s := range saved[i] {
			expect(t, s.File+" is there", there(s), true)
		}
		time.Sleep(2 * time.Millisecond) // names are times
	}
	for _, s := range saved[0] {
		expect(t, s.File+" of the time before is there", there(s), false)
	}
}

func TestWhatWasSavedLastStaysThoughTheClockWasSetBack(t *testing.T) {
	r, dir := startFlight(t, console.Flight{MaxFiles: 2})
	for _, n := range []string{"1", "2", "3"} {
		write(t, filepath.Join(dir, "flight-20990102T150405.00000"+n+"-test-1-loop1-test.ndjson"))
	}
	saved := save(t, r, newFake(t), "test")
	expect(t, "it is there", there(saved), true)
	expect(t, "files", len(files(t, dir)), 2+1)
}

func TestWhatIsLeftOverFromAProcessThatWasKilledIsDeleted(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{".flight-old": time.Hour, ".flight-new": time.Minute, ".other-old": time.Hour} {
		write(t, filepath.Join(dir, name))
		if err := os.Chtimes(filepath.Join(dir, name), time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	startFlight(t, console.Flight{Dir: dir})
	expectSlice(t, "files", files(t, dir), []string{".flight-new", ".other-old"})
}

func TestARecorderStaysInItsFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	r, _ := startFlight(t, console.Flight{Dir: "flights"})
	loop := newFake(t)
	t.Chdir(t.TempDir())
	saved := save(t, r, loop, "test")
	if !there(saved) || !filepath.IsAbs(saved.File) {
		t.Errorf("%+v", saved)
	}
}

func TestAFolderThatCannotBeWrittenIsToldAtTheStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flight console.Flight
		want   string
	}{
		{console.Flight{}, "set Flight.Dir"},
		{console.Flight{Dir: file}, file},
		{console.Flight{Dir: filepath.Join(file, "below")}, "the folder of the flight recorder"},
		{console.Flight{Dir: t.TempDir(), Detail: "everything"}, `"everything": give coarse, exact or stacks`},
	} {
		if _, err := console.StartFlight(c.flight); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.flight, err, c.want)
		}
	}
}

func TestAFolderThatGoesAwayIsMadeAgain(t *testing.T) {
	r, dir := startFlight(t, console.Flight{})
	loop := newFake(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	expect(t, "the recording is there", there(save(t, r, loop, "test")), true)
	t.Run("or where that does not work it is told", func(t *testing.T) {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		write(t, dir)
		saved, err := r.Save(context.Background(), "test")
		if err == nil || !strings.Contains(err.Error(), dir) || len(saved) == 0 || saved[0].Err == nil {
			t.Errorf("%v, %+v", err, saved)
		}
	})
}

func TestTheEndOfASlowStepThatCannotBeSavedIsTold(t *testing.T) {
	var saved savedList
	_, dir := startFlight(t, console.Flight{Saved: saved.add})
	loop := newFake(t)
	release := loop.block()
	defer release()
	monitor.Tell(loop, monitor.Report{Message: "slow", Slow: true})
	eventually(t, "what there is is saved", func() bool { return len(saved.all()) == 1 })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write(t, dir)
	release()
	eventually(t, "the rest is not, which is told", func() bool { return len(saved.all()) == 2 })
	list := saved.all()
	if list[0].Err != nil || list[1].Err == nil || list[1].Why != "slow-step" || list[1].File != list[0].File {
		t.Errorf("%+v", list)
	}
}

func TestASaveEndsWithItsContext(t *testing.T) {
	r, _ := startFlight(t, console.Flight{})
	newFake(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Save(ctx, "test"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestARecorderThatIsClosedKeepsNothing(t *testing.T) {
	r, dir := startFlight(t, console.Flight{})
	newFake(t)
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	loop := newFake(t)
	monitor.Tell(loop, monitor.Report{Message: "slow", Slow: true})
	loop.finish(errors.New("failed"))
	if names := files(t, dir); len(names) != 0 {
		t.Errorf("%v", names)
	}
}

func TestALoopThatFailsIsSavedBeforeItsRunReturns(t *testing.T) {
	for _, c := range []struct {
		on   console.Occasion
		err  error
		want int
	}{
		{0, errors.New("deadlock: nobody can wake anybody"), 1},
		{console.OnFailure, errors.New("deadlock: nobody can wake anybody"), 1},
		{console.OnSignal | console.OnSlowStep, errors.New("deadlock"), 0},
		{0, nil, 0},
	} {
		var saved []console.SavedFlight
		loop := newFake(t)
		startFlight(t, console.Flight{On: c.on, Saved: func(s console.SavedFlight) {
			if s.Loop == loop.Number() {
				saved = append(saved, s)
			}
		}})
		loop.finish(c.err)
		if len(saved) != c.want {
			t.Errorf("on %v, after %v: %+v", c.on, c.err, saved)
			continue
		}
		if c.want > 0 {
			if s := check(t, saved[0].File); s.Ended == nil || s.Ended.Error != c.err.Error() || saved[0].Why != "failure" {
				t.Errorf("%+v, %+v", saved[0], s)
			}
		}
	}
}
