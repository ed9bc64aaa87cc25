//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// SetOption implements Network. An option that the system does not have fails with
// ENOPROTOOPT.
func (sockets) SetOption(fd int, o Option, value int) error {
	if o == Linger {
		l := &unix.Linger{Onoff: 1, Linger: int32(value)}
		if value < 0 {
			l = &unix.Linger{}
		}
		return unix.SetsockoptLinger(fd, unix.SOL_SOCKET, lingerSeconds, l)
	}
	name, ok := systemOptions[o]
	if !ok {
		return unix.ENOPROTOOPT
	}
	return unix.SetsockoptInt(fd, name[0], name[1], value)
}

// Option implements Network. Linger cannot be asked for: nobody needs it.
func (sockets) Option(fd int, o Option) (int, error) {
	name, ok := systemOptions[o]
	if !ok {
		return 0, unix.ENOPROTOOPT
	}
	return unix.GetsockoptInt(fd, name[0], name[1])
}
