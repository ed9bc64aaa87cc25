package console

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// The endings of the files of a recording: our own, and the trace.
const (
	recordingEnding = ".ndjson"
	traceEnding     = ".perfetto.json"
)

// flightName are the names of the files of recordings: the occasion on which they were
// saved, and the rest.
var flightName = regexp.MustCompile(`^(flight-\d{8}T\d{6}\.\d{6}-[\w-]+-\d+)(-loop\d+-[\w-]+)(\.ndjson|\.perfetto\.json)$`)

// unfinished is how a file is called while it is written. What is so old that nobody
// writes it any more is left over from a process that was killed.
const (
	unfinished = ".flight-"
	leftOver   = 10 * time.Minute
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
	if whole, err := filepath.Abs(dir); err == nil { // the program may go to another one later
		f.dir = whole
	}
	probe, err := f.create()
	if err != nil {
		return f, fmt.Errorf("console: the folder of the flight recorder: %w", err)
	}
	f.clear()
	return f, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// create begins a file, for this user alone. The folder is made again where somebody has
// cleaned up.
func (f flightFiles) create() (*os.File, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(f.dir, unfinished+"*")
}

// clear deletes what is left over from processes that were killed.
func (f flightFiles) clear() {
	entries, _ := os.ReadDir(f.dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), unfinished) || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftOver {
			os.Remove(filepath.Join(f.dir, e.Name()))
		}
	}
}

// occasion is how the names of recordings begin that are saved together. They sort by
// time.
func (f flightFiles) occasion() string {
	return fmt.Sprintf("flight-%s-%s-%d", time.Now().UTC().Format("20060102T150405.000000"), fileWord(programName()), os.Getpid())
}

// name is that of a new recording, without its ending.
func (f flightFiles) name(occasion string, s monitor.Source, why string) string {
	return fmt.Sprintf("%s-loop%d-%s", occasion, s.Number(), fileWord(why))
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

// write writes both files, each of which is there as a whole or not at all.
func (f flightFiles) write(name string, h tape.Header, batches []*tape.Batch) SavedFlight {
	s := SavedFlight{File: filepath.Join(f.dir, name+recordingEnding), Trace: filepath.Join(f.dir, name+traceEnding)}
	s.Err = errors.Join(
		f.replace(s.File, func(to io.Writer) error { return tape.Write(to, h, batches) }),
		f.replace(s.Trace, func(to io.Writer) error { return tape.WritePerfetto(to, h, tape.Each(batches)) }),
	)
	return s
}

// replace writes a file beside its place and puts it there when it is whole.
func (f flightFiles) replace(name string, write func(io.Writer) error) error {
	file, err := f.create()
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

// prune deletes the oldest recordings of the folder. Those of one occasion go together,
// and those of the last one stay, though they be many, or the clock have been set back.
// What cannot be deleted belongs to others, who may use the folder too.
func (f flightFiles) prune(last string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, _ := os.ReadDir(f.dir) // by name, and so by time
	var occasions []string
	total, files := 0, map[string]map[string][]string{} // by their occasion and recording
	for _, e := range entries {
		parts := flightName.FindStringSubmatch(e.Name())
		if parts == nil || !e.Type().IsRegular() {
			continue
		}
		occasion, recording := parts[1], parts[2]
		if files[occasion] == nil {
			occasions, files[occasion] = append(occasions, occasion), map[string][]string{}
		}
		if files[occasion][recording] == nil {
			total++
		}
		files[occasion][recording] = append(files[occasion][recording], e.Name())
	}
	for _, occasion := range occasions {
		if total-len(files[occasion]) < f.most {
			return
		}
		if occasion == last {
			continue
		}
		total -= len(files[occasion])
		for _, names := range files[occasion] {
			for _, name := range names {
				os.Remove(filepath.Join(f.dir, name))
			}
		}
	}
}
