package fetch

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/internal/recording"
)

// told is a lane in short: what it waits for and until when.
func told(l recording.Lane) string {
	var parts []string
	for _, s := range l.Spans {
		if s.State == recording.Waiting && s.Length() > 0 {
			parts = append(parts, fmt.Sprintf("%s until %v", s.On, s.End))
		}
	}
	return l.Name + ": " + strings.Join(parts, ", ")
}

func TestTheTimelineTellsWhatEachDownloadWaitedFor(t *testing.T) {
	recorder := recording.New()
	var list []*Download
	run(t, func(ctx context.Context, w *world) {
		w.config.PerHost = 1
		w.servers["h"] = func(ctx context.Context, _ request, n int) (*Response, error) {
			if err := asyncio.Sleep(ctx, time.Second); err != nil || n == 1 {
				return answer(503, "Retry-After: 10"), err
			}
			var body []piece
			for range 1000 {
				body = append(body, piece{time.Millisecond, "x", nil})
			}
			return answer(200, "", body...), nil
		}
		list, _ = w.fetch(ctx, "http://h/a", "not an address", "http://h/b")
	}, asyncio.Observe(recorder))
	want := []string{
		"a: an answer until 1s, the next attempt until 11s, its turn until 13s, an answer until 14s, bytes from the server until 15s",
		"not an address: ",
		"b: its turn until 11s, an answer until 12s, bytes from the server until 13s",
	}
	// Who pauses has left its place, so it stands in line again; that, too, is a pause.
	want[0] = strings.Replace(want[0], "the next attempt until 11s, its turn until 13s", "the next attempt until 13s", 1)
	lanes := lanes(recorder.Recording(), list)
	if len(lanes) != len(want) {
		t.Fatalf("%d lanes, want %d", len(lanes), len(want))
	}
	for i, l := range lanes {
		if got := told(l); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

func TestTheTimelineIsAPictureOfTheRun(t *testing.T) {
	server := httptest.NewServer(text("text"))
	t.Cleanup(server.Close)
	picture := filepath.Join(t.TempDir(), "run.svg")
	command(t.Context(), t, "--timeline", picture, server.URL+"/one.bin", server.URL+"/two.bin").want(t, 0, "one.bin", "two.bin")
	data, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 of 2 files", "one.bin", "two.bin"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the picture does not show %q", want)
		}
	}
	if strings.Contains(string(data), ">display<") {
		t.Error("the picture shows a task that is no download")
	}
	for d := xml.NewDecoder(strings.NewReader(string(data))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

func TestATimelineThatCannotBeWrittenIsSaidBeforeTheWork(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(server.Close)
	o := command(t.Context(), t, "--timeline", "/no/such/folder/run.svg", server.URL+"/x")
	if asked || o.status == 0 || o.status == cli.StatusUsage || !strings.Contains(o.err, "/no/such/folder/run.svg") {
		t.Errorf("asked %v, status %d, said %s", asked, o.status, o.err)
	}
}
