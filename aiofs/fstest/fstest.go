// Package fstest tests file systems for tasks: whether an [aiofs.FS] of any kind does
// what that of the operating system does, down to the errors.
package fstest

import (
	"context"
	"errors"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

// TestFS runs the suite. For each of its cases it calls open on a loop that runs under
// what world returns, a virtual clock for example; open returns a file system whose
// folder "." is there and empty.
//
// A case is known by a sentence: go test -run 'TestFS/a_name_is_sorted'.
func TestFS(t *testing.T, world func() context.Context, open func(ctx context.Context, t *testing.T) aiofs.FS) {
	for _, group := range [][]testCase{creating, removing, renaming, listing, content, offsets, misuse, waiting, whole} {
		for _, c := range group {
			t.Run(c.sentence, func(t *testing.T) {
				err := asyncio.Run(world(), func(ctx context.Context) error {
					c.check(&trial{T: t, ctx: ctx, fs: open(ctx, t)})
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// testCase is one statement about file systems.
type testCase struct {
	sentence string
	check    func(c *trial)
}

// trial is a case at work. Its methods end the case where something fails that is
// expected to work.
type trial struct {
	*testing.T
	ctx context.Context
	fs  aiofs.FS
}

func (c *trial) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// wants checks an error.
func (c *trial) wants(what string, err, target error) {
	c.Helper()
	if !errors.Is(err, target) {
		c.Errorf("%s: the error is %v, want %v", what, err, target)
	}
}

// fails checks that there is an error, where systems differ in which.
func (c *trial) fails(what string, err error) {
	c.Helper()
	if err == nil {
		c.Errorf("%s: no error", what)
	}
}

// open opens a file, which the case closes.
func (c *trial) open(name string, flag int) aiofs.File {
	c.Helper()
	f, err := c.fs.OpenFile(c.ctx, name, flag, 0o644)
	c.must(err)
	return f
}

func (c *trial) write(name, text string) {
	c.Helper()
	c.must(aiofs.WriteFile(c.ctx, c.fs, name, []byte(text), 0o644))
}

// has checks the content of a file.
func (c *trial) has(name, want string) {
	c.Helper()
	got, err := aiofs.ReadFile(c.ctx, c.fs, name)
	c.must(err)
	if string(got) != want {
		c.Errorf("%s has %q, want %q", name, got, want)
	}
}

// hasNot checks that nothing has that name.
func (c *trial) hasNot(name string) {
	c.Helper()
	_, err := c.fs.Stat(c.ctx, name)
	c.wants("stat "+name, err, errNotExist)
}

// lists checks what is in a folder.
func (c *trial) lists(folder string, want ...string) {
	c.Helper()
	entries, err := c.fs.ReadDir(c.ctx, folder)
	c.must(err)
	got := make([]string, len(entries))
	for i, e := range entries {
		got[i] = e.Name()
	}
	c.equal("names in "+folder, got, want)
}
