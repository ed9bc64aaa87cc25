//go:build linux

package driver

import "golang.org/x/sys/unix"

const lingerSeconds = unix.SO_LINGER

// systemOptions are the level and the name of each option that is a number.
var systemOptions = map[Option][2]int{
	NoDelay:      {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	KeepAlive:    {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	KeepIdle:     {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	KeepInterval: {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	KeepCount:    {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	ReadBuffer:   {unix.SOL_SOCKET, unix.SO_RCVBUF},
	WriteBuffer:  {unix.SOL_SOCKET, unix.SO_SNDBUF},
	ReuseAddr:    {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	ReusePort:    {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	Broadcast:    {unix.SOL_SOCKET, unix.SO_BROADCAST},
	V6Only:       {unix.IPPROTO_IPV6, unix.IPV6_V6ONLY},
}
