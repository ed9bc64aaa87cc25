package aionet

import "context"

// writeSome waits until the system has taken at least one byte of p and returns how
// many it took. Cancelled, it wrote nothing, so that the connection is never a partial
// one: for a layer above that keeps the rest itself.
func (c *Conn) writeSome(ctx context.Context, p []byte) (n int, err error) {
	s := &c.socket
	if err = s.enter(ctx, &s.out); err == nil && s.partial {
		err = ErrPartialWrite
	}
	for n == 0 && len(p) > 0 && err == nil {
		if s.out.ready {
			err = s.writeSome(p, &n)
		} else {
			err = s.await(ctx, &s.out)
		}
	}
	return n, c.fail("write", err)
}

// tryWrite writes what the system takes without a wait, which may be nothing.
func (c *Conn) tryWrite(p []byte) (n int, err error) {
	s := &c.socket
	if err = s.usable(&s.out); err == nil && s.partial {
		err = ErrPartialWrite
	}
	if err == nil && s.out.ready {
		err = s.writeSome(p, &n)
	}
	return n, c.fail("write", err)
}
