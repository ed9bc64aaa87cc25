// Package cpython finds a Python interpreter for the tests that compare this
// module with the real asyncio.
package cpython

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
)

// Find returns the path of a CPython 3.13 or later, the first version whose
// queues can be shut down; "" where none is found. It looks in PATH and among the
// versions of pyenv, in $PYENV_ROOT and in ~/.pyenv.
func Find() string {
	for _, name := range candidates() {
		path, err := exec.LookPath(name)
		if err == nil && recent(path) {
			return path
		}
	}
	return ""
}

func candidates() []string {
	names := []string{"python3.13", "python3.14", "python3.15", "python3", "python"}
	roots := []string{os.Getenv("PYENV_ROOT")}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".pyenv"))
	}
	for _, root := range roots {
		if root == "" {
			continue
		}
		found, _ := filepath.Glob(filepath.Join(root, "versions", "*", "bin", "python3")) // fails for a bad pattern only
		names = append(names, found...)
	}
	return names
}

// recent asks the interpreter itself: a name in PATH may be a shim that has
// nothing behind it.
func recent(python string) bool {
	const ask = "import sys; print(sys.implementation.name == 'cpython' and sys.version_info >= (3, 13))"
	answer, err := exec.Command(python, "-c", ask).Output()
	return err == nil && string(bytes.TrimSpace(answer)) == "True"
}
