package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// A short soak with few clients: everything that goes into a long one works, and each
// byte is right. Whether anything grows so little time cannot tell.
func TestAShortSoak(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("what a process holds cannot be told here")
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	before := look(0)
	town := &town{plan: plan{duration: 2 * time.Second, every: 200 * time.Millisecond, clients: 60, seed: 7}, out: out, began: time.Now()}
	if err := asyncio.Run(context.Background(), town.live); err != nil {
		t.Fatal(err)
	}
	if err := town.wrong(); err != nil {
		t.Error(err)
	}
	if town.ends["completed"] == 0 || town.ends["cancelled"] == 0 || town.lives["tcp"] == 0 {
		t.Errorf("not much has happened: %v, %v", town.lives, town.ends)
	}
	if len(town.samples) == 0 || town.samples[0].tasks < 60 {
		t.Errorf("samples: %v", town.samples)
	}
	for pause := time.Millisecond; nothingLeft(before, look(0)) != nil && pause < time.Second; pause *= 2 {
		time.Sleep(pause)
	}
	if err := nothingLeft(before, look(0)); err != nil {
		t.Error(err)
	}
	town.tell()
	if told, err := os.ReadFile(out.Name()); err != nil || !strings.Contains(string(told), "completed") {
		t.Errorf("told %q, %v", told, err)
	}
}

// Each life of a thousand is of one kind.
func TestTheKindsOfLives(t *testing.T) {
	total := 0
	for _, k := range kinds {
		total += k.of
	}
	if total != 1000 {
		t.Errorf("the kinds are %d of a thousand", total)
	}
	if kindAt(0) != 0 || kindAt(999) != len(kinds)-1 {
		t.Error("the first and the last of a thousand lives are of the first and of the last kind")
	}
}

func TestErrorsOfOneKindCountAsOne(t *testing.T) {
	a, b := masked(os.NewSyscallError("accept 127.0.0.1:80", os.ErrClosed)), masked(os.NewSyscallError("accept 127.0.0.2:81", os.ErrClosed))
	if a != b {
		t.Errorf("%q and %q", a, b)
	}
}
