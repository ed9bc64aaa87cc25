// Package threads has code beside the loop.
package threads

import (
	"context"
	"math/rand"
	"net"
	"os"
	"sync"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/vet/testdata/helpers"
)

func InAThread(ctx context.Context, c chan int, mu *sync.Mutex) error {
	_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
		time.Sleep(1) // a thread may block
		go println()
		mu.Lock()
		defer mu.Unlock()
		os.ReadFile("name")
		select {
		case <-c:
		case <-ctx.Done():
		}
		net.Dial("tcp", "host:1") // want `net.Dial in a thread of the loop opens a socket`
		_ = time.Now()            // want `time.Now in a thread of the loop reads the real clock`
		return rand.Int(), nil    // want `math/rand.Int in a thread of the loop draws`
	})
	return err
}

func ByName(ctx context.Context) error {
	_, err := asyncio.ToThread(ctx, work)
	return err
}

func work(ctx context.Context) (int, error) {
	time.Sleep(1)
	return rand.Int(), nil // want `in a thread of the loop`
}

func InAVariable(ctx context.Context) error {
	work := func(ctx context.Context) (int, error) {
		time.Sleep(1)
		return deeper(), nil
	}
	_, err := asyncio.ToThread(ctx, work)
	return err
}

func deeper() int {
	time.Sleep(1)
	return rand.Int() // want `in a thread of the loop`
}

func BehindAHelper(ctx context.Context) error {
	helpers.Twice(ctx, func() error {
		time.Sleep(1)
		return nil
	})
	_, err := helpers.Blocking(ctx, func() (int, error) {
		os.ReadFile("name")
		return rand.Int(), nil // want `in a thread of the loop`
	})
	return err
}

func Collects(ctx context.Context, m map[string]int) ([]string, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (all []string, err error) {
		for name := range m { // want `the order of all, which is not sorted afterwards`
			all = append(all, name)
		}
		return all, nil
	})
}
