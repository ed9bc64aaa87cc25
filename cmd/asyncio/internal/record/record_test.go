package record_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/record"
)

// sends makes the console send a recording, which breaks off where whole is false.
func sends(c *fake.Console, text string, whole bool) {
	c.Recording = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		if !whole {
			w.Header().Set("Content-Length", fmt.Sprint(len(text)+1))
		}
		io.WriteString(w, text)
	}
}

func TestRecordAsksForWhatTheFlagsSay(t *testing.T) {
	c := fake.Start(t)
	sends(c, "{}\n", true)
	for want, args := range map[string][]string{
		"detail=exact&for=5s&format=asyncio":     nil,
		"detail=stacks&for=1m0s&format=perfetto": {"--for", "1m", "--detail", "stacks", "--format", "perfetto"},
		"for=0s&format=asyncio":                  {"--flight"},
		"detail=coarse&for=250ms&format=asyncio": {"--for", "250ms", "--detail", "coarse"},
		"detail=exact&for=10m0s&format=asyncio":  {"--for", "10m"},
	} {
		out, _, err := fake.Run(t.Context(), record.New(), append(args, c.Address(), "-o", "-")...)
		if got := c.Asked[len(c.Asked)-1]; err != nil || out != "{}\n" || got != "/api/v1/loops/1/recording?"+want {
			t.Errorf("%v asks for %s and gets %q, %v", args, got, out, err)
		}
	}
}

func TestRecordNamesTheFileAfterTheProgram(t *testing.T) {
	c := fake.Start(t)
	c.Program.Program = "../my \x1bprogram"
	sends(c, "{\"a\":1}\n", true)
	t.Chdir(t.TempDir())
	for range 2 {
		if _, errs, err := fake.Run(t.Context(), record.New(), c.Address()); err != nil || !strings.HasPrefix(errs, "8 B saved as _my__program-4711-") {
			t.Errorf("%q, %v", errs, err)
		}
	}
	files, err := os.ReadDir(".")
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v: want a file for each recording", files, err)
	}
	for _, f := range files {
		if !regexp.MustCompile(`^_my__program-4711-\d{8}-\d{6}(-2)?\.ndjson$`).MatchString(f.Name()) {
			t.Errorf("a file is called %q", f.Name())
		}
	}
}

func TestARecordingThatBreaksOffIsSavedToItsLastWholeLine(t *testing.T) {
	c := fake.Start(t)
	name := filepath.Join(t.TempDir(), "a")
	sends(c, "{\"a\":1}\n{\"b\":2}\n{\"c\":", false)
	_, _, err := fake.Run(t.Context(), record.New(), c.Address(), "-o", name)
	if err == nil || !strings.Contains(err.Error(), "the program ended before the recording did; what it had sent, 16 B, is saved as "+name) {
		t.Errorf("%v", err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "{\"a\":1}\n{\"b\":2}\n" {
		t.Errorf("%q, %v", text, err)
	}
	t.Run("but not where a part cannot be read", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "b")
		_, _, err := fake.Run(t.Context(), record.New(), c.Address(), "-o", name, "--format", "perfetto")
		if err == nil || !strings.Contains(err.Error(), "has ended") {
			t.Errorf("%v", err)
		}
		if _, err := os.Stat(name); err == nil {
			t.Error("there is a file")
		}
	})
}

func TestARecordingThatSomebodyHasEnoughOfIsSavedToItsLastWholeLine(t *testing.T) {
	for format, want := range map[string]string{"asyncio": "{\"a\":1}\n", "perfetto": ""} {
		t.Run(format, func(t *testing.T) {
			c := fake.Start(t)
			c.Recording = func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "{\"a\":1}\n{\"b\":")
				http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}
			dir := t.TempDir()
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				for ctx.Err() == nil {
					if files, _ := filepath.Glob(filepath.Join(dir, ".a.*")); len(files) == 1 {
						if info, err := os.Stat(files[0]); err == nil && info.Size() > 0 {
							cancel(&cli.Interrupt{Signal: os.Interrupt})
						}
					}
					time.Sleep(time.Millisecond)
				}
			}()
			name := filepath.Join(dir, "a")
			_, errs, err := fake.Run(ctx, record.New(), c.Address(), "-o", name, "--format", format)
			if interrupt := new(cli.Interrupt); !errors.As(err, &interrupt) || want != "" && !strings.HasPrefix(errs, "8 B saved as "+name+", what there was until then.") {
				t.Errorf("it says %q and ends with %v", errs, err)
			}
			if text, _ := os.ReadFile(name); string(text) != want {
				t.Errorf("there is %q", text)
			}
		})
	}
}

func TestAFileThatCannotBeIsToldBeforeTheRecording(t *testing.T) {
	c := fake.Start(t)
	_, _, err := fake.Run(t.Context(), record.New(), c.Address(), "-o", filepath.Join(t.TempDir(), "no", "folder"))
	if err == nil {
		t.Error("it works")
	}
	for _, asked := range c.Asked {
		if strings.Contains(asked, "recording") {
			t.Errorf("it has asked for %s", asked)
		}
	}
}

func TestRecordRefusesWhatNoConsoleRecords(t *testing.T) {
	for _, args := range [][]string{
		{"--for", "0s"}, {"--for", "-1s"}, {"--for", "11m"}, {"--for", "5s", "--flight"}, {"--detail", "exact", "--flight"}, {"--format", "csv"}, {"--detail", "all"},
	} {
		if _, _, err := fake.Run(t.Context(), record.New(), args...); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(args[0], "--")) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
