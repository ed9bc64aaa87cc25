package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/examples/internal/servers"
)

// serverFor starts one server for all tests, on a loop of its own: to make a database
// takes seconds.
func serverFor(t *testing.T) *servers.Server {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	started, over := make(chan *servers.Server, 1), make(chan error, 1)
	go func() {
		over <- asyncio.Run(ctx, func(ctx context.Context) error {
			server, err := servers.Postgres(ctx)
			if err != nil {
				return err
			}
			defer server.Stop(ctx)
			started <- server
			asyncio.Sleep(ctx, time.Hour)
			return nil
		})
	}()
	select {
	case server := <-started:
		t.Cleanup(func() {
			stop()
			<-over
		})
		return server
	case err := <-over:
		stop()
		if servers.Missing(err) {
			t.Skip(err)
		}
		t.Fatal(err)
		return nil
	}
}

func TestPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a database")
	}
	server := serverFor(t)
	for _, test := range []struct {
		name string
		run  func(ctx context.Context, t *testing.T, server *servers.Server, b *bank)
	}{
		{"payments both ways at the same time keep the sum", testPayments},
		{"what cannot be paid is refused and nobody hears of it", testRefused},
		{"a wait for news ends in time, and loses nothing", testNewsInTime},
		{"a cancelled task gives its query up", testCancel},
		{"an error of the server is told", testError},
		{"the driver on a thread, with a connection of the loop", testThreadsafe},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				db, err := open(server)
				if err != nil {
					return err
				}
				defer db.Close()
				b := &bank{db}
				if err := b.create(ctx, "Ann", "Bob"); err != nil {
					return err
				}
				test.run(ctx, t, server, b)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func testPayments(ctx context.Context, t *testing.T, _ *servers.Server, b *bank) {
	var many []payment
	for range 20 {
		many = append(many, payment{"Ann", "Bob", 2}, payment{"Bob", "Ann", 1})
	}
	for r, err := range asyncio.Map(ctx, 8, slices.Values(many), b.pay) {
		if err != nil || r.refused != "" {
			t.Fatalf("%v, %v", r, err)
		}
	}
	list, err := b.accounts(ctx)
	if want := []string{"Ann has 80", "Bob has 120"}; err != nil || !slices.Equal(list, want) {
		t.Errorf("%q, %v, want %q", list, err, want)
	}
}

func testRefused(ctx context.Context, t *testing.T, server *servers.Server, b *bank) {
	n, err := subscribe(ctx, server.Socket, "payments")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for p, want := range map[payment]string{{"Ann", "Bob", 1000}: "Ann has too little", {"Eve", "Bob", 1}: "Eve has no account"} {
		if r, err := b.pay(ctx, p); err != nil || r.refused != want {
			t.Errorf("%v: refused %q, %v, want %q", p, r.refused, err, want)
		}
	}
	if _, err := b.pay(ctx, payment{"Ann", "Bob", 1}); err != nil {
		t.Error(err)
	}
	if heard, err := n.take(ctx, 1); err != nil || heard[0] != "Ann pays Bob 1" {
		t.Errorf("heard %q, %v", heard, err)
	}
}

func testNewsInTime(ctx context.Context, t *testing.T, server *servers.Server, b *bank) {
	n, err := subscribe(ctx, server.Socket, "payments")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	short, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
	defer timeout.Cancel()
	if _, err := n.take(short, 1); !timeout.Caused(err) {
		t.Errorf("the wait ended with %v", err)
	}
	for i := range 3 {
		if _, err := b.pay(ctx, payment{"Bob", "Ann", i}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"Bob pays Ann 0", "Bob pays Ann 1", "Bob pays Ann 2"}
	if heard, err := n.take(ctx, 3); err != nil || fmt.Sprint(heard) != fmt.Sprint(want) {
		t.Errorf("heard %q, %v, want %q", heard, err, want)
	}
}

func testCancel(ctx context.Context, t *testing.T, _ *servers.Server, b *bank) {
	began := time.Now()
	sleeper := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
		return asyncio.ToThread(ctx, func(ctx context.Context) (s string, err error) {
			err = b.db.QueryRowContext(ctx, `SELECT pg_sleep(600)::text`).Scan(&s)
			return s, err
		})
	})
	asyncio.Sleep(ctx, 50*time.Millisecond)
	sleeper.Cancel(errors.New("enough"))
	if _, err := sleeper.Await(ctx); err == nil {
		t.Error("the query was not given up")
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

func testError(ctx context.Context, t *testing.T, server *servers.Server, _ *bank) {
	if n, err := subscribe(ctx, server.Socket, "not a name"); err == nil {
		n.Close()
		t.Error("a channel whose name is none was taken")
	}
}

// The whole driver has goroutines and timers, so it runs on threads. Its connection may
// be the loop's all the same: the view for other goroutines stands between.
func testThreadsafe(ctx context.Context, t *testing.T, server *servers.Server, _ *bank) {
	config, err := pgx.ParseConfig(fmt.Sprintf("host=%s user=%s dbname=postgres", server.Dir, servers.User))
	if err != nil {
		t.Fatal(err)
	}
	handle := asyncio.OpenHandle(ctx)
	defer handle.Close()
	config.DialFunc = func(dial context.Context, network, address string) (net.Conn, error) {
		return asyncio.Submit(dial, handle, func(context.Context) (net.Conn, error) {
			c, err := aionet.Dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return aionet.Threadsafe(ctx, c)
		})
	}
	sum, err := asyncio.ToThread(ctx, func(ctx context.Context) (sum int, err error) {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return 0, err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if _, err := conn.Exec(short, `SELECT pg_sleep(600)`); !errors.Is(err, context.DeadlineExceeded) {
			return 0, fmt.Errorf("a query that takes too long: %w", err)
		}
		if !conn.IsClosed() { // the driver gives up a connection on which a query was cut off
			return 0, errors.New("the connection is still open")
		}
		if conn, err = pgx.ConnectConfig(ctx, config); err != nil {
			return 0, err
		}
		err = conn.QueryRow(ctx, `SELECT sum(length(s)) FROM unnest($1::text[]) AS s`, slices.Repeat([]string{strings.Repeat("x", 1000)}, 1000)).Scan(&sum)
		return sum, errors.Join(err, conn.Close(ctx))
	})
	if sum != 1_000_000 || err != nil {
		t.Errorf("counted %d, %v", sum, err)
	}
}
