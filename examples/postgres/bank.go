package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/examples/internal/servers"
)

// A payment is from one to another.
type payment struct {
	from, to string
	amount   int
}

func (p payment) String() string { return fmt.Sprintf("%s pays %s %d", p.from, p.to, p.amount) }

// A result tells what became of a payment.
type result struct {
	payment
	refused string // why, or ""
}

func (r result) String() string {
	if r.refused != "" {
		return r.payment.String() + ": refused, " + r.refused
	}
	return r.payment.String()
}

// A bank is tables in a database. Its methods are waits: each is one visit to a thread,
// which may block, with everything that belongs to one transaction. The context that the
// thread gets ends with that of the task, and then the driver gives the query up.
type bank struct{ db *sql.DB }

// open prepares for connections, and makes none.
func open(s *servers.Server) (*sql.DB, error) {
	return sql.Open("pgx", fmt.Sprintf("host=%s user=%s dbname=postgres", s.Dir, servers.User))
}

// create makes new accounts, with 100 in each.
func (b *bank) create(ctx context.Context, names ...string) error {
	_, err := asyncio.ToThread(ctx, func(ctx context.Context) (sql.Result, error) {
		return b.db.ExecContext(ctx, `DROP TABLE IF EXISTS accounts;
			CREATE TABLE accounts (name text PRIMARY KEY, amount int NOT NULL CHECK (amount >= 0))`)
	})
	if err != nil {
		return err
	}
	_, err = asyncio.ToThread(ctx, func(ctx context.Context) (sql.Result, error) {
		return b.db.ExecContext(ctx, `INSERT INTO accounts SELECT unnest($1::text[]), 100`, names)
	})
	return err
}

// pay makes one payment, or refuses it.
func (b *bank) pay(ctx context.Context, p payment) (result, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (result, error) {
		tx, err := b.db.BeginTx(ctx, nil)
		if err != nil {
			return result{}, err
		}
		defer tx.Rollback() // after a commit it does nothing
		why, err := transfer(ctx, tx, p)
		if err != nil || why != "" {
			return result{p, why}, err
		}
		return result{payment: p}, tx.Commit()
	})
}

// transfer does the work of a payment. It runs on a thread.
func transfer(ctx context.Context, tx *sql.Tx, p payment) (refused string, err error) {
	// Both rows are locked in one order, or two payments could wait for each other.
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM accounts WHERE name IN ($1, $2) ORDER BY name FOR UPDATE`, p.from, p.to); err != nil {
		return "", err
	}
	var has int
	err = tx.QueryRowContext(ctx, `SELECT amount FROM accounts WHERE name = $1`, p.from).Scan(&has)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p.from + " has no account", nil
	case err != nil:
		return "", err
	case has < p.amount:
		return p.from + " has too little", nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE accounts SET amount = amount + CASE name WHEN $1 THEN -$3::int ELSE $3::int END WHERE name IN ($1, $2)`,
		p.from, p.to, p.amount)
	if err != nil {
		return "", err
	}
	_, err = tx.ExecContext(ctx, `SELECT pg_notify('payments', $1)`, p.String()) // told at the commit
	return "", err
}

// accounts lists who has what.
func (b *bank) accounts(ctx context.Context) ([]string, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (list []string, err error) {
		rows, err := b.db.QueryContext(ctx, `SELECT name, amount FROM accounts ORDER BY name`)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var amount int
			if err := rows.Scan(&name, &amount); err != nil {
				return nil, err
			}
			list = append(list, fmt.Sprintf("%s has %d", name, amount))
		}
		return list, rows.Err()
	})
}
