package driver

import "golang.org/x/sys/windows"

// systemOptions are those that Windows has and that are not set by package net.
// SO_REUSEADDR is not among them: there it lets others take the port of a listener
// that is at work, and a port whose listener has ended is free without it.
var systemOptions = map[Option][2]int{
	ReadBuffer:  {windows.SOL_SOCKET, windows.SO_RCVBUF},
	WriteBuffer: {windows.SOL_SOCKET, windows.SO_SNDBUF},
	Broadcast:   {windows.SOL_SOCKET, windows.SO_BROADCAST},
	V6Only:      {windows.IPPROTO_IPV6, windows.IPV6_V6ONLY},
}

func setSystemOption(fd uintptr, o Option, value int) error {
	if o == ReuseAddr {
		return nil
	}
	name, ok := systemOptions[o]
	if !ok {
		return windows.WSAENOPROTOOPT
	}
	return windows.SetsockoptInt(windows.Handle(fd), name[0], name[1], value)
}

func systemOption(fd uintptr, o Option) (int, error) {
	name, ok := systemOptions[o]
	if !ok {
		return 0, windows.WSAENOPROTOOPT
	}
	return windows.GetsockoptInt(windows.Handle(fd), name[0], name[1])
}

// hasPeer need not know: a reset is told to each call here, and not only to the first.
func hasPeer(uintptr) bool { return true }
