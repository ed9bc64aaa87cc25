package network

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Measure measures a row.
func (r Row) Measure(p Plan) (Result, error) {
	res := Result{Row: r, Conns: r.Conns, Samples: make([][]Sample, len(r.Sides))}
	if p.Quick {
		res.Conns = r.Quick
	}
	if most := descriptors() - 200; res.Conns > most {
		res.Note = fmt.Sprintf("%d connections: the limit of open files allows no more", most)
		res.Conns = most
	}
	round := r.idleRound
	if r.Messages {
		round = r.messageRound
	}
	err := onTwoCores(func(c cores) error {
		if c.client == c.server {
			res.Note = "client and server share the one core there is"
		}
		for range p.Rounds {
			samples, err := round(p, c, res.Conns)
			if err != nil {
				return err
			}
			for i, s := range samples {
				res.Samples[i] = append(res.Samples[i], s)
			}
		}
		return nil
	})
	return res, err
}

// descriptors is how many files a process may have open. The Go runtime has raised
// the limit as far as it goes.
func descriptors() int {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil || l.Cur > 1<<30 {
		return 1 << 30
	}
	return int(l.Cur)
}

// A contestant is a server with the client that talks to it.
type contestant struct {
	server *server
	client *client
	Sample
}

func start(r Row, name string, conns int, p Plan, c cores) (*contestant, error) {
	s, err := startServer(name, p.profile(r, name), c)
	if err != nil {
		return nil, err
	}
	client, err := dial(s.address, conns, r.exchange)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), s.stop())
	}
	return &contestant{server: s, client: client}, nil
}

func (c *contestant) stop() error {
	c.client.close()
	return c.server.stop()
}

// messageRound lets the servers of a row take turns.
func (r Row) messageRound(p Plan, c cores, conns int) (samples []Sample, err error) {
	var list []*contestant
	defer func() {
		for _, one := range list {
			err = errors.Join(err, one.stop())
		}
	}()
	for _, name := range r.Sides {
		one, err := start(r, name, conns, p, c)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
		if _, err := one.client.drive(p.Warm); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		one.client.latency = histogram{}
	}
	for range p.Slices {
		for i, one := range list {
			if err := one.slice(p.Slice); err != nil {
				return nil, fmt.Errorf("%s: %w", r.Sides[i], err)
			}
		}
	}
	for _, one := range list {
		one.P50, one.P99 = one.client.latency.quantile(0.5), one.client.latency.quantile(0.99)
		samples = append(samples, one.Sample)
	}
	return samples, nil
}

// slice is one turn.
func (c *contestant) slice(d time.Duration) error {
	before, err := c.server.ask(askTime)
	if err != nil {
		return err
	}
	begin := time.Now()
	n, err := c.client.drive(d)
	c.Elapsed += time.Since(begin)
	if err != nil {
		return err
	}
	after, err := c.server.ask(askTime)
	if err != nil {
		return err
	}
	c.Messages += n
	c.User += after.User - before.User
	c.System += after.System - before.System
	return nil
}

// idleRound measures one server after the other: the connections of all of them at a
// time would be more than the client may have. Each connection has had one message, so
// that what serves it is where it is between messages.
func (r Row) idleRound(p Plan, c cores, conns int) (samples []Sample, err error) {
	for _, name := range r.Sides {
		s, err := r.idle(name, p, c, conns)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		samples = append(samples, s)
	}
	return samples, nil
}

func (r Row) idle(name string, p Plan, c cores, conns int) (s Sample, err error) {
	one, err := start(r, name, 1, p, c)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, one.stop()) }()
	if _, err := one.client.drive(0); err != nil {
		return s, err
	}
	before, err := one.server.ask(askMemory)
	if err != nil {
		return s, err
	}
	many, err := dial(one.server.address, conns, r.exchange)
	if err != nil {
		return s, err
	}
	defer many.close()
	if _, err := many.drive(0); err != nil {
		return s, err
	}
	after, err := one.server.ask(askMemory)
	per := func(a, b uint64) float64 { return (float64(b) - float64(a)) / float64(conns) }
	return Sample{Memory: per(before.Memory, after.Memory), Resident: per(before.Resident, after.Resident)}, err
}
