//go:build !unix

package discovery

import (
	"io/fs"
	"os"
	"runtime"
)

// Alive tells whether there is a process of that number. Where the system does not say,
// it is true: connecting will tell.
func Alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return pid > 0
}

// ours is left to the folder's own protection: on Windows the folder for temporary files
// is the user's.
func ours(fs.FileInfo) bool { return runtime.GOOS == "windows" }
