package fetch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

func TestTheDemoServesThreeFilesOneOfThemSlowly(t *testing.T) {
	d, err := startDemo(time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	if n := strings.Count(d.intro(), `" takes `); n != 3 {
		t.Errorf("the introduction names %d servers, want 3: %s", n, d.intro())
	}
	o := command(t.Context(), t, d.addresses()...)
	o.want(t, 0, "quick.bin", "slow.bin", "steady.bin")
	for _, name := range o.files(t) {
		if text := content(t, Folder{Dir: o.dir}, name); len(text) < demoSize*9/10 || strings.Trim(text, name[:1]) != "" {
			t.Errorf("%s has %d bytes, or others than %q", name, len(text), name[:1])
		}
	}
	slow, steady := d.servers[1].took, d.servers[2].took
	if slow != 3*steady {
		t.Errorf("the slow server takes %v, the steady one %v, want three times as long", slow, steady)
	}
}

func TestTheServersOfTheDemoEndWithIt(t *testing.T) {
	d, err := startDemo(time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	d.stop()
	o := command(t.Context(), t, d.addresses()...)
	o.want(t, cli.StatusFailed)
	if n := strings.Count(o.err, "connection refused"); n != 3 {
		t.Errorf("%d servers are gone, want 3: %s", n, o.err)
	}
}

func TestAnInterruptedDemoLeavesNothing(t *testing.T) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	interrupt(errors.New("enough"))
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	p := &program{flags: flags{demo: true, parallel: 1, perHost: 1, idle: time.Second}, out: &out, err: &out}
	if err := p.run(ctx, nil); err == nil || err.Error() != "enough" {
		t.Errorf("got %v, want the reason of the interrupt", err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) != 0 {
		t.Errorf("it left %q", left)
	}
	if !strings.Contains(out.String(), "0 of 3 files, 3 interrupted (3 of them not begun)") {
		t.Errorf("said %s", out.String())
	}
}
