package aionet

import (
	"net"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// SetNoDelay tells whether small writes are sent at once; that is the default. An
// error on a connection that is not TCP.
func (c *Conn) SetNoDelay(on bool) error {
	return c.set(driver.NoDelay, number(on))
}

// SetKeepAlive tells whether the system asks an idle peer for a sign of life.
func (c *Conn) SetKeepAlive(on bool) error {
	return c.set(driver.KeepAlive, number(on))
}

// SetKeepAliveConfig is SetKeepAlive with times. Zero ones stand for 15 s, 15 s and 9
// attempts, and those below zero leave the system's.
func (c *Conn) SetKeepAliveConfig(cfg net.KeepAliveConfig) error {
	if c.socket.closed {
		return c.fail("set", net.ErrClosed)
	}
	return c.fail("set", setKeepAlive(c.socket.net, c.socket.fd, cfg))
}

// SetLinger tells what Close does with data that was not sent yet: below zero, the
// default, the system sends it afterwards; 0 drops it; more is for how many seconds it
// is tried before it is dropped.
func (c *Conn) SetLinger(seconds int) error { return c.set(driver.Linger, max(seconds, -1)) }

func number(on bool) int {
	if on {
		return 1
	}
	return 0
}

func setNoDelay(n driver.Network, fd int, on bool) error {
	return wrapCall("setsockopt", n.SetOption(fd, driver.NoDelay, number(on)))
}

// setKeepAlive sets the times that the system knows, and turns it on or off.
func setKeepAlive(n driver.Network, fd int, cfg net.KeepAliveConfig) error {
	if err := n.SetOption(fd, driver.KeepAlive, number(cfg.Enable)); err != nil || !cfg.Enable {
		return wrapCall("setsockopt", err)
	}
	for _, o := range [...]struct {
		option  driver.Option
		value   int
		usually int
	}{
		{driver.KeepIdle, seconds(cfg.Idle), 15},
		{driver.KeepInterval, seconds(cfg.Interval), 15},
		{driver.KeepCount, cfg.Count, 9},
	} {
		if o.value < 0 {
			continue
		}
		if o.value == 0 {
			o.value = o.usually
		}
		n.SetOption(fd, o.option, o.value) // not every system has them
	}
	return nil
}

// seconds is d in seconds, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
