package console

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// The endings of the files of a recording: our own, and the trace.
const (
	flightPrefix    = "flight-"
	recordingEnding = ".ndjson"
	traceEnding     = ".perfetto.json"
)

// flightFiles are the files of a flight recorder in their folder. Other processes may use
// the same folder.
type flightFiles struct {
	dir  string
	most int
	mu   *sync.Mutex // one at a time looks for what is to be deleted
}

// openFlightFiles tries whether the folder can be written.
func openFlightFiles(dir string, most int) (flightFiles, error) {
	f := flightFiles{dir: dir, most: most, mu: new(sync.Mutex)}
	if dir == "" {
		return f, errors.New("console: a flight recorder needs a folder for its files: set Flight.Dir")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return f, fmt.Errorf("console: the folder of the flight recorder: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".flight-*")
	if err != nil {
		return f, fmt.Errorf("console: the folder of the flight recorder: %w", err)
	}
	return f, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// name is that of a new recording, without its ending. Names sort by time.
func (f flightFiles) name(s monitor.Source, why string) string {
	return fmt.Sprintf("%s%s-%s-%d-loop%d-%s", flightPrefix, time.Now().UTC().Format("20060102T150405.000000"), fileWord(programName()), os.Getpid(), s.Number(), fileWord(why))
}

// fileWord is a word as it may be in the name of a file on any system.
func fileWord(s string) string {
	word := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s[:min(len(s), 40)])
	return cmp.Or(word, "_")
}

// write writes both files, each of which is there as a whole or not at all, and deletes
// what is too much.
func (f flightFiles) write(name string, h tape.Header, batches []*tape.Batch) SavedFlight {
	s := SavedFlight{File: filepath.Join(f.dir, name+recordingEnding), Trace: filepath.Join(f.dir, name+traceEnding)}
	s.Err = errors.Join(
		f.replace(s.File, func(to io.Writer) error { return tape.Write(to, h, batches) }),
		f.replace(s.Trace, func(to io.Writer) error { return tape.WritePerfetto(to, h, tape.Each(batches)) }),
		f.prune(),
	)
	return s
}

// replace writes a file beside its place and puts it there when it is whole.
func (f flightFiles) replace(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(f.dir, ".flight-*") // for this user alone
	if err != nil {
		return err
	}
	err = errors.Join(write(file), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}

// prune deletes the oldest recordings of the folder.
func (f flightFiles) prune() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), recordingEnding); ok && strings.HasPrefix(name, flightPrefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names[:max(0, len(names)-f.most)] {
		for _, ending := range []string{traceEnding, recordingEnding} {
			if err := os.Remove(filepath.Join(f.dir, name+ending)); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err) // another process may have been quicker
			}
		}
	}
	return errors.Join(errs...)
}
