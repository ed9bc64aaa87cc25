package driver

import "golang.org/x/sys/unix"

// lingerSeconds is Linger in seconds: SO_LINGER counts ticks of the clock here.
const lingerSeconds = unix.SO_LINGER_SEC

var keepAliveOptions = map[Option]int{
	KeepIdle:     unix.TCP_KEEPALIVE,
	KeepInterval: unix.TCP_KEEPINTVL,
	KeepCount:    unix.TCP_KEEPCNT,
}
