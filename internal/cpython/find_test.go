//go:build unix

package cpython_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio/internal/cpython"
)

// place puts a program that answers like this where Find may look.
func place(t *testing.T, path, answer string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+answer+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string // path → what the program there does
		want  string
	}{
		"nothing":                   {nil, ""},
		"one in PATH":               {map[string]string{"bin/python3": "echo True"}, "bin/python3"},
		"an old one is passed over": {map[string]string{"bin/python3": "echo False", "bin/python": "echo True"}, "bin/python"},
		"a shim without a version":  {map[string]string{"bin/python3.13": "exit 127", "bin/python3": "echo True"}, "bin/python3"},
		"one of pyenv's":            {map[string]string{"root/versions/3.13.0/bin/python3": "echo True"}, "root/versions/3.13.0/bin/python3"},
		"one in the home":           {map[string]string{"home/.pyenv/versions/3.14.0/bin/python3": "echo True"}, "home/.pyenv/versions/3.14.0/bin/python3"},
		"PATH goes first":           {map[string]string{"bin/python3": "echo True", "root/versions/3.13.0/bin/python3": "echo True"}, "bin/python3"},
		"something else":            {map[string]string{"bin/python3": "echo hello"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("PATH", filepath.Join(dir, "bin"))
			t.Setenv("PYENV_ROOT", filepath.Join(dir, "root"))
			t.Setenv("HOME", filepath.Join(dir, "home"))
			for path, answer := range c.files {
				place(t, filepath.Join(dir, path), answer)
			}
			want := ""
			if c.want != "" {
				want = filepath.Join(dir, c.want)
			}
			if got := cpython.Find(); got != want {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}
