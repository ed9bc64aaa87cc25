//go:build unix

package discovery

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Alive tells whether there is a process of that number, whoever owns it.
func Alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return pid > 0 && (err == nil || errors.Is(err, syscall.EPERM))
}

// ours tells that a file is this user's, and nobody else's to read or write.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}
