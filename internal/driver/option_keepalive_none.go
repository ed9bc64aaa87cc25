//go:build openbsd || dragonfly

package driver

import "golang.org/x/sys/unix"

const lingerSeconds = unix.SO_LINGER

// keepAliveOptions are none: OpenBSD has them for all sockets together only, and
// DragonFly counts the times in milliseconds. Who asks gets ENOPROTOOPT.
var keepAliveOptions = map[Option]int{}
