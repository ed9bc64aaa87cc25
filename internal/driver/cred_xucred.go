//go:build (darwin || freebsd) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// Credentials implements System.
func (sockets) Credentials(fd int) (Credentials, error) {
	const level = 0 // of local sockets
	c, err := unix.GetsockoptXucred(fd, level, unix.LOCAL_PEERCRED)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{UID: int(c.Uid), GID: int(c.Groups[0])}, nil
}
