//go:build darwin || freebsd || openbsd || netbsd || dragonfly

package driver

import "golang.org/x/sys/unix"

// systemOptions are the level and the name of each option that is a number.
var systemOptions = withKeepAlive(map[Option][2]int{
	NoDelay:     {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	KeepAlive:   {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	ReadBuffer:  {unix.SOL_SOCKET, unix.SO_RCVBUF},
	WriteBuffer: {unix.SOL_SOCKET, unix.SO_SNDBUF},
	ReuseAddr:   {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	ReusePort:   {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	Broadcast:   {unix.SOL_SOCKET, unix.SO_BROADCAST},
	V6Only:      {unix.IPPROTO_IPV6, unix.IPV6_V6ONLY},
})

// withKeepAlive adds the times of keep-alive probes, which each of these systems has
// in another way.
func withKeepAlive(options map[Option][2]int) map[Option][2]int {
	for o, name := range keepAliveOptions {
		options[o] = [2]int{unix.IPPROTO_TCP, name}
	}
	return options
}
