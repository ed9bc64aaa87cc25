package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gomodule/redigo/redis"
)

// count counts in Redis and tells the channel each number. Both commands of a round go
// out together, and their answers are read afterwards (pipelining).
func count(ctx context.Context, network, address string) error {
	c, err := connect(ctx, network, address)
	if err != nil {
		return err
	}
	defer c.Close()
	for range rounds {
		n, err := redis.Int(c.Do("INCR", "asyncio:visits"))
		if err != nil {
			return err
		}
		if err := c.Send("PUBLISH", "asyncio:numbers", n); err != nil {
			return err
		}
		if err := c.Send("PING"); err != nil {
			return err
		}
		if _, err := c.Do(""); err != nil { // sends, and reads all answers
			return err
		}
	}
	return nil
}

// listen takes all numbers from the channel. It calls subscribed when none can be missed
// any more.
func listen(ctx context.Context, network, address string, subscribed func()) (heard []int, err error) {
	c, err := connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	channel := redis.PubSubConn{Conn: c}
	defer channel.Close()
	if err := channel.Subscribe("asyncio:numbers"); err != nil {
		return nil, err
	}
	for len(heard) < tasks*rounds {
		switch m := channel.Receive().(type) {
		case redis.Subscription:
			subscribed()
		case redis.Message:
			n, err := strconv.Atoi(string(m.Data))
			if err != nil {
				return nil, fmt.Errorf("on %s: %w", m.Channel, err)
			}
			heard = append(heard, n)
		case error:
			return nil, m
		}
	}
	return heard, nil
}
