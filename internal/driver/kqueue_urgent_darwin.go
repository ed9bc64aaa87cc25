//go:build !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// urgentFlag tells of urgent data.
const urgentFlag = unix.EV_OOBAND
