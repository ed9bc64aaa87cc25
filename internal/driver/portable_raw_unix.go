//go:build asyncio_portable && (linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package driver

import "golang.org/x/sys/unix"

func setSystemOption(fd uintptr, o Option, value int) error {
	name, ok := systemOptions[o]
	if !ok {
		return unix.ENOPROTOOPT
	}
	return unix.SetsockoptInt(int(fd), name[0], name[1], value)
}

func systemOption(fd uintptr, o Option) (int, error) {
	name, ok := systemOptions[o]
	if !ok {
		return 0, unix.ENOPROTOOPT
	}
	return unix.GetsockoptInt(int(fd), name[0], name[1])
}

// hasPeer tells whether a socket is connected.
func hasPeer(fd uintptr) bool {
	_, err := unix.Getpeername(int(fd))
	return err == nil
}
