package acceptor

import (
	"errors"
	"fmt"
	"net"
)

// errForeign is of what does not wait on the loop.
var errForeign = errors.New("asyncio: a server on the loop cannot use what package net has made")

// foreign refuses the listeners and connections of package net, whose calls would block
// the loop. Others may hide one, and nobody can tell.
func foreign(x any) error {
	switch x.(type) {
	case *net.TCPListener, *net.UnixListener:
		return fmt.Errorf("%w: Accept of a %T would block the loop: listen with aionet.Listen, or adopt it by aionet.FileListener", errForeign, x)
	case *net.TCPConn, *net.UnixConn:
		return fmt.Errorf("%w: Read of a %T would block the loop: adopt it by aionet.Adopt", errForeign, x)
	}
	return nil
}
