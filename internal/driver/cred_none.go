//go:build (openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "errors"

// Credentials implements System.
func (sockets) Credentials(int) (Credentials, error) { return Credentials{}, errors.ErrUnsupported }
