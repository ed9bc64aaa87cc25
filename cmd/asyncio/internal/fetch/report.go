package fetch

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
)

// Summary counts what became of all downloads.
type Summary struct {
	Done, Failed, Interrupted int
	NotBegun                  int           // of the interrupted
	Bytes                     int64         // that came over the network
	Took                      time.Duration // from the first to the last
	OneByOne                  time.Duration // the sum of all: one after another
}

func summarize(list []*Download) (s Summary) {
	var first, last time.Time
	for _, d := range list {
		if !d.Began.IsZero() && (first.IsZero() || d.Began.Before(first)) {
			first = d.Began
		}
		if d.Finished.After(last) {
			last = d.Finished
		}
		switch d.State {
		case Done:
			s.Done++
		case Failed:
			s.Failed++
		default:
			s.Interrupted++
			if d.Began.IsZero() {
				s.NotBegun++
			}
		}
		s.Bytes += d.Received
		s.OneByOne += d.Busy()
	}
	if !first.IsZero() {
		s.Took = last.Sub(first)
	}
	return s
}

// String is the summary in a line or two.
func (s Summary) String() string {
	total := s.Done + s.Failed + s.Interrupted
	text := fmt.Sprintf("%d of %d files", s.Done, total)
	if s.Failed > 0 {
		text += fmt.Sprintf(", %d failed", s.Failed)
	}
	if s.Interrupted > 0 {
		text += fmt.Sprintf(", %d interrupted", s.Interrupted)
	}
	if s.NotBegun > 0 {
		text += fmt.Sprintf(" (%d of them not begun)", s.NotBegun)
	}
	text += fmt.Sprintf("; %s in %s", human.Size(s.Bytes), human.Seconds(s.Took))
	if s.Interrupted == 0 && s.Done > 1 {
		text += fmt.Sprintf("; one after another: up to %s", human.Seconds(s.OneByOne))
	}
	return text
}

// doneLine says what became of a file that is whole.
func doneLine(d *Download) string {
	line := fmt.Sprintf("done    %s  %s in %s", oneLine(d.Path), human.Size(d.Got), human.Seconds(d.Busy()))
	if d.Resumed > 0 {
		line += fmt.Sprintf(", of which %s were here already", human.Size(d.Resumed))
	}
	if d.Attempts > 1 {
		line += fmt.Sprintf(", %d attempts", d.Attempts)
	}
	return line
}

// failLine says in one line why there is no file, and what there is.
func failLine(d *Download) string {
	var line string
	if d.State == Interrupted {
		line = "stopped " + d.label() + ": " + stoppedAt(d)
	} else {
		line = "failed  " + d.label() + ": " + explain(d.Err)
	}
	switch {
	case d.Kept:
		line += "; kept: the same command goes on from there"
	case d.Got > 0:
		line += "; not kept: the server cannot go on from there"
	}
	return line
}

func stoppedAt(d *Download) string {
	if d.Total > 0 {
		return fmt.Sprintf("had %s of %s", human.Size(d.Got), human.Size(d.Total))
	}
	return fmt.Sprintf("had %s", human.Size(d.Got))
}

// retryLine says why and when a download is tried again.
func retryLine(d *Download, err error, pause time.Duration) string {
	return fmt.Sprintf("retry   %s in %s: %s", d.label(), human.Seconds(pause), explain(err))
}

// resultJSON is one download in the output of --json. Times are in seconds.
type resultJSON struct {
	URL      string  `json:"url"`
	Result   string  `json:"result"` // done, failed or interrupted
	File     string  `json:"file,omitempty"`
	Bytes    int64   `json:"bytes"`
	Resumed  int64   `json:"resumed_bytes"`
	Received int64   `json:"received_bytes"`
	Attempts int     `json:"attempts"`
	Status   int     `json:"http_status,omitempty"`
	Seconds  float64 `json:"seconds"`
	Kept     bool    `json:"part_kept"`
	Error    string  `json:"error,omitempty"`
}

type summaryJSON struct {
	Results []resultJSON `json:"results"`
	Summary struct {
		Done        int     `json:"done"`
		Failed      int     `json:"failed"`
		Interrupted int     `json:"interrupted"`
		Received    int64   `json:"received_bytes"`
		Seconds     float64 `json:"seconds"`
		OneByOne    float64 `json:"one_after_another_seconds"`
	} `json:"summary"`
}

// writeJSON writes all results, in the order of the addresses, as one JSON document.
func writeJSON(w io.Writer, list []*Download, s Summary) error {
	doc := summaryJSON{Results: []resultJSON{}}
	for _, d := range list {
		r := resultJSON{
			URL: d.label(), Result: d.State.String(), File: d.Path,
			Bytes: d.Got, Resumed: d.Resumed, Received: d.Received,
			Attempts: d.Attempts, Status: d.Status, Seconds: millis(d.Busy()), Kept: d.Kept,
		}
		if d.Err != nil {
			r.Error = explain(d.Err)
		}
		doc.Results = append(doc.Results, r)
	}
	doc.Summary.Done, doc.Summary.Failed, doc.Summary.Interrupted = s.Done, s.Failed, s.Interrupted
	doc.Summary.Received = s.Bytes
	doc.Summary.Seconds, doc.Summary.OneByOne = millis(s.Took), millis(s.OneByOne)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// millis is a duration in seconds, to the millisecond.
func millis(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
