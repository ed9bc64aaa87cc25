// Factorial is the first lesson: three tasks compute factorials and pause for a
// second after each step. While one pauses the others go on, so that all of them
// together take as long as the longest.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/goasyncio/asyncio"
)

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

func program(ctx context.Context) error {
	start := asyncio.Now(ctx)
	a := asyncio.CreateTask(ctx, factorial("A", 2))
	b := asyncio.CreateTask(ctx, factorial("B", 3))
	c := asyncio.CreateTask(ctx, factorial("C", 4))
	results, err := asyncio.Gather(ctx, a, b, c)
	if err != nil {
		return err
	}
	took := asyncio.Now(ctx).Sub(start).Round(time.Second)
	fmt.Printf("%v in %v\n", results, took)
	return nil
}

// factorial is a task that computes n! one step at a time.
func factorial(name string, n int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		f := 1
		for i := 2; i <= n; i++ {
			fmt.Printf("Task %s: %d × %d\n", name, f, i)
			f *= i
			if err := asyncio.Sleep(ctx, time.Second); err != nil {
				return 0, err
			}
		}
		fmt.Printf("Task %s: %d! = %d\n", name, n, f)
		return f, nil
	}
}
