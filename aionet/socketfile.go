package aionet

import (
	"os"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A socketFile is the file by which a Unix socket is found. It is removed with its
// socket, unless somebody else has put another file there meanwhile.
type socketFile struct {
	path string
	made os.FileInfo
}

// namesAreFiles tells whether the names of Unix sockets are files of the system. In a
// simulated world they are not, and a file that has such a name is somebody else's.
func namesAreFiles(n driver.Network) bool {
	_, own := n.(driver.Names)
	return !own
}

// fileOf is the file of a socket that was bound to a, or nil.
func fileOf(n driver.Network, a driver.Addr) *socketFile {
	if !namesAreFiles(n) || !a.Unix || a.Name == "" || a.Name[0] == 0 {
		return nil
	}
	made, err := os.Lstat(a.Name)
	if err != nil {
		return nil
	}
	return &socketFile{a.Name, made}
}

func (f *socketFile) remove() {
	if f == nil {
		return
	}
	if now, err := os.Lstat(f.path); err == nil && os.SameFile(now, f.made) {
		os.Remove(f.path)
	}
}
