//go:build freebsd || netbsd

package driver

import "golang.org/x/sys/unix"

const lingerSeconds = unix.SO_LINGER

var keepAliveOptions = map[Option]int{
	KeepIdle:     unix.TCP_KEEPIDLE,
	KeepInterval: unix.TCP_KEEPINTVL,
	KeepCount:    unix.TCP_KEEPCNT,
}
