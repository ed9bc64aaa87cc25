package traceback_test

import (
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/traceback"
)

const blocked = `goroutine 46 [chan receive, 2 minutes]:
runtime.gopark(0x1)
    /usr/local/go/src/runtime/proc.go:1 +0x1
main.spin({0xc2b8, 0x1}, 0x2)
    /x/main.go:13 +0x38
main.main.func1.1.4(...)
    /x/main.go:35
github.com/goasyncio/asyncio.(*WaitQueue).Park(0x1)
    /a/waitqueue.go:1 +0x1
github.com/goasyncio/asyncio.(*Queue[...]).Get(0x1, {0x2, 0x3})
    /a/queue.go:135 +0x129
github.com/goasyncio/asyncio.WithTaskGroup({0x1}, 0x2)
    /a/group.go:74 +0x2bf
github.com/goasyncio/asyncio.(*plainTask).Run(0x8d5fcabfbc0)
    /a/step.go:149 +0x47
github.com/goasyncio/asyncio.runOn[...].func3()
    /a/run.go:56 +0x2d
github.com/goasyncio/asyncio/internal/coro.mark({0xa5c01f0ec0de0001, 0x1}, 0x1)
    /a/internal/coro/stack.go:21 +0x18
github.com/goasyncio/asyncio/aionet.(*Conn).Read(0x1)
    /a/aionet/conn.go:5 +0x1
created by iter.Pull[...] in goroutine 43
    /usr/local/go/src/iter/iter.go:271 +0x90`

func TestCallsLeavesWhatATaskDoes(t *testing.T) {
	want := `main.spin
    /x/main.go:13
main.main.func1.1.4
    /x/main.go:35
github.com/goasyncio/asyncio.(*Queue[...]).Get
    /a/queue.go:135
github.com/goasyncio/asyncio.WithTaskGroup
    /a/group.go:74
github.com/goasyncio/asyncio/aionet.(*Conn).Read
    /a/aionet/conn.go:5`
	if got := strings.Join(traceback.Calls(strings.Split(blocked, "\n")), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := traceback.Calls([]string{""}); len(got) != 0 {
		t.Errorf("of nothing: %q", got)
	}
}

func TestWaitingSaysWhatHoldsAGoroutine(t *testing.T) {
	for text, want := range map[string]string{
		blocked:                            " (chan receive)",
		"goroutine 1 [running]:\nmain.f()": "", "goroutine 1 [runnable]:": "", "goroutine 1 [coroutine]:": "",
		"goroutine 1 gp=0x1 m=0 mp=0x2 [syscall]:": " (syscall)",
		"main.f()": "",
	} {
		if got := traceback.Waiting(strings.Split(text, "\n")); got != want {
			t.Errorf("%.30q: %q, want %q", text, got, want)
		}
	}
}
