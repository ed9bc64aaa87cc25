package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// teller is a driver that tells what it is given to tell.
type teller struct {
	driver.Driver
	events []driver.Event
}

func (d *teller) Wait(events []driver.Event, until driver.Instant) (int, error) {
	if n := copy(events, d.events); n > 0 {
		d.events = d.events[n:]
		return n, nil
	}
	return d.Driver.Wait(events, until)
}

// counter is an owner of a descriptor that counts its events.
type counter int

func (c *counter) Ready(driver.Mode) { *c++ }
func (c *counter) Lost(bool)         {}

func TestRuleN3AnEventOfAFormerOwnerReachesNobody(t *testing.T) {
	d := &teller{Driver: driver.NewVirtual()}
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return d })
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		var former, owner counter
		p := inside.PollerOf(ctx)
		old := p.Register(7, &former)
		p.Unregister(old)
		now := p.Register(7, &owner)
		defer p.Unregister(now)
		d.events = []driver.Event{{Handle: old, Mode: driver.Readable}, {Handle: now, Mode: driver.Readable}}
		asyncio.Sleep(ctx, time.Millisecond)
		if former != 0 || owner != 1 {
			t.Errorf("the former owner heard of %d events and the present one of %d, want 0 and 1", former, owner)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
