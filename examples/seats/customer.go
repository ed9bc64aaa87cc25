package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// Book gets a seat for a customer. It asks the office until there is an answer or ctx
// ends.
func Book(ctx context.Context, office, customer string) (seat int, err error) {
	for {
		seat, err := ask(ctx, office, customer)
		if err == nil {
			return seat, nil
		}
		sim.Reached("a customer asks again")
		pause := 100*time.Millisecond + time.Duration(asyncio.Rand(ctx).Int64N(int64(100*time.Millisecond)))
		if asyncio.Sleep(ctx, pause) != nil {
			return 0, fmt.Errorf("no seat for %s: %w", customer, err)
		}
	}
}

// ask asks once, for a second at most.
func ask(ctx context.Context, office, customer string) (seat int, err error) {
	ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
	defer timeout.Cancel()
	c, err := aionet.Dial(ctx, "tcp", office)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if _, err := c.WriteContext(ctx, []byte(customer+"\n")); err != nil {
		return 0, err
	}
	line, err := aionet.NewReader(c, 100).ReadLine(ctx)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(line)))
}
