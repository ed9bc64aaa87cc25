package aiofs_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/asynciotest"
)

// run runs a test on a loop of its own, with a folder, and checks that nothing is left,
// no descriptor in particular.
func run(t *testing.T, main func(ctx context.Context, fsys aiofs.FS) error, opts ...asyncio.Option) error {
	t.Helper()
	folder := t.TempDir()
	defer asynciotest.CheckLeaks(t)()
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return main(ctx, aiofs.Dir(aiofs.OS, folder))
	}, opts...)
}

// endedByForce runs a task that does not heed its cancellation.
func endedByForce(t *testing.T, stubborn func(ctx context.Context, fsys aiofs.FS)) {
	t.Helper()
	folder := t.TempDir()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		fsys := aiofs.Dir(aiofs.OS, folder)
		asyncio.Go(ctx, func(ctx context.Context) error {
			stubborn(context.WithoutCancel(ctx), fsys)
			return nil
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.GracePeriod(10*time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
	if !errors.Is(err, asyncio.ErrNotEnded) {
		t.Errorf("Run returned %v", err)
	}
}

func TestATaskThatIsEndedByForceLeavesNoFileOpen(t *testing.T) {
	t.Run("where it was opening one after another", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		endedByForce(t, func(ctx context.Context, fsys aiofs.FS) {
			for {
				if f, err := aiofs.Create(ctx, fsys, "f"); err == nil {
					f.Close(ctx)
				}
			}
		})
	})
	t.Run("where it closes in a deferred call", func(t *testing.T) {
		var f aiofs.File
		endedByForce(t, func(ctx context.Context, fsys aiofs.FS) {
			var err error
			if f, err = aiofs.Create(ctx, fsys, "f"); err != nil {
				t.Error(err)
			}
			defer f.Close(ctx)
			asyncio.Sleep(ctx, 1000*time.Hour)
		})
		err := run(t, func(ctx context.Context, _ aiofs.FS) error { return f.Sync(ctx) })
		if !errors.Is(err, fs.ErrClosed) {
			t.Errorf("the next call: %v", err)
		}
	})
}

func TestAFileIsClosedWhereNoLoopIs(t *testing.T) {
	if err := run(t, func(ctx context.Context, fsys aiofs.FS) error {
		f, err := aiofs.Create(ctx, fsys, "f")
		if err != nil {
			return err
		}
		if err := f.Close(context.Background()); !errors.Is(err, asyncio.ErrNoLoop) {
			t.Errorf("Close without a loop: %v", err)
		}
		if err := f.Sync(ctx); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("the next call: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestCallsAreMadeOnThreads(t *testing.T) {
	if err := run(t, func(ctx context.Context, fsys aiofs.FS) error {
		before := asyncio.RunningLoop(ctx)
		if err := aiofs.WriteFile(ctx, fsys, "f", []byte("x"), 0o600); err != nil {
			return err
		}
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			return 0, aiofs.WriteFile(ctx, fsys, "g", nil, 0o600)
		})
		if !errors.Is(err, asyncio.ErrNoLoop) || before == nil {
			t.Errorf("a call from another goroutine: %v", err)
		}
		_, err = fsys.Stat(ctx, "g")
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it was made all the same: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// The memory given to a call is free when the call returns, also where the task was
// cancelled meanwhile. The race detector watches.
func TestTheMemoryOfACallIsFreeWhenItReturns(t *testing.T) {
	if err := run(t, func(ctx context.Context, fsys aiofs.FS) error {
		f, err := aiofs.Create(ctx, fsys, "f")
		if err != nil {
			return err
		}
		defer f.Close(ctx)
		buf := make([]byte, 1<<20)
		for i := range 20 {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := f.WriteAt(ctx, buf, 0)
				clear(buf)
				for j := range buf {
					buf[j] = byte(i)
				}
				f.ReadAt(context.WithoutCancel(ctx), buf, 0)
				buf[0]++
				return err
			})
			for range 2 + i%3 {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			task.Cancel(nil)
			if _, err := task.Join(ctx); err != nil && !errors.Is(err, asyncio.ErrTaskCancelled) {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestFromContextIsTheSystemWhereNothingElseWasGiven(t *testing.T) {
	if fsys := aiofs.FromContext(context.Background()); fsys != aiofs.OS {
		t.Errorf("it is %v", fsys)
	}
	d := aiofs.Dir(aiofs.OS, "x")
	if fsys := aiofs.FromContext(aiofs.NewContext(context.Background(), d)); fsys != d {
		t.Errorf("it is %v", fsys)
	}
}

func TestErrorsNameTheFileAsTheSystemKnowsIt(t *testing.T) {
	if err := run(t, func(ctx context.Context, fsys aiofs.FS) error {
		_, err := aiofs.Open(ctx, aiofs.Dir(fsys, "a"), "b")
		var e *fs.PathError
		if !errors.As(err, &e) || !filepath.IsAbs(e.Path) || !strings.HasSuffix(e.Path, filepath.Join("a", "b")) {
			t.Errorf("the error is %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestAFileGrowsWhileItIsRead(t *testing.T) {
	if err := run(t, func(ctx context.Context, fsys aiofs.FS) error {
		text := bytes.Repeat([]byte("0123456789"), 10_000)
		if err := aiofs.WriteFile(ctx, lying{fsys}, "f", text, 0o600); err != nil {
			return err
		}
		got, err := aiofs.ReadFile(ctx, lying{fsys}, "f")
		if !bytes.Equal(got, text) {
			t.Errorf("read %d bytes of %d", len(got), len(text))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// lying is a file system in which files have no size, as those of /proc.
type lying struct{ aiofs.FS }

func (l lying) OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (aiofs.File, error) {
	f, err := l.FS.OpenFile(ctx, name, flag, perm)
	return lyingFile{f}, err
}

type lyingFile struct{ aiofs.File }

func (l lyingFile) Stat(context.Context) (fs.FileInfo, error) { return os.Stat(os.DevNull) }
