// Postgres shows both ways to a database. Package database/sql blocks, so its calls go
// to threads, and the loop's tasks wait for these: they pay each other, three at a
// time. And one task waits for the database's notifications on the loop, for which no
// thread is needed however long they take: it uses the part of a driver that only reads
// and writes.
//
//	go run ./examples/postgres               # starts a PostgreSQL of its own
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/examples/internal/servers"
)

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		server, err := servers.Postgres(ctx)
		if err != nil {
			return err
		}
		defer server.Stop(ctx)
		return pay(ctx, server)
	}, asyncio.HandleSignals())
	if servers.Missing(err) {
		fmt.Println(err)
		return
	}
	if err != nil {
		log.Fatal(err)
	}
}

// payments are made at the same time: names and amounts.
var payments = []payment{
	{"Ann", "Bob", 30}, {"Bob", "Cem", 20}, {"Cem", "Ann", 10}, {"Ann", "Cem", 25},
	{"Bob", "Ann", 5}, {"Cem", "Bob", 500},
}

// pay makes the payments, while one task hears of them.
func pay(ctx context.Context, server *servers.Server) error {
	db, err := open(server)
	if err != nil {
		return err
	}
	defer db.Close()
	b := &bank{db: db}
	if err := b.create(ctx, "Ann", "Bob", "Cem"); err != nil {
		return err
	}
	news, err := subscribe(ctx, server.Socket, "payments")
	if err != nil {
		return err
	}
	defer news.Close()
	paid := 0
	for result, err := range asyncio.Map(ctx, 3, slices.Values(payments), b.pay) {
		if err != nil {
			return err
		}
		fmt.Println(result)
		if result.refused == "" {
			paid++
		}
	}
	heard, err := news.take(ctx, paid)
	if err != nil {
		return err
	}
	slices.Sort(heard) // the payments were made at the same time
	fmt.Printf("heard of: %s\n", strings.Join(heard, ", "))
	accounts, err := b.accounts(ctx)
	fmt.Println("in the end:", strings.Join(accounts, ", "))
	return err
}
