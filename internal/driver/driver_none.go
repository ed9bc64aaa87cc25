//go:build asyncio_portable || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package driver

import (
	"errors"
	"fmt"
)

// errNoPoller is for descriptors of the system.
var errNoPoller = fmt.Errorf("asyncio: the portable driver cannot wait for a descriptor of the system: use ToThread: %w", errors.ErrUnsupported)
