// Retry calls an unreliable service until it succeeds, with pauses that double
// and jitter that keeps clients from coming back all at the same moment, and all
// of it under one deadline: whoever calls says how long it may take altogether,
// and every wait inside, of whatever depth, obeys.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"time"

	"github.com/goasyncio/asyncio"
)

var errUnavailable = errors.New("service unavailable")

func main() {
	if err := asyncio.Run(context.Background(), program); err != nil {
		log.Fatal(err)
	}
}

func program(ctx context.Context) error {
	random := rand.New(rand.NewPCG(1, 2)) // a fixed seed: the same pauses in every run
	for _, failures := range []int{2, 1000} {
		s := &service{failures: failures}
		start := asyncio.Now(ctx)
		answer, err := askWithin(ctx, time.Second, s, random)
		fmt.Printf("after %d calls and about %v: %q, %v\n",
			s.calls, asyncio.Now(ctx).Sub(start).Round(100*time.Millisecond), answer, err)
	}
	return nil
}

// askWithin asks until there is an answer, for at most limit.
func askWithin(ctx context.Context, limit time.Duration, s *service, random *rand.Rand) (string, error) {
	ctx, timeout := asyncio.WithTimeout(ctx, limit)
	defer timeout.Cancel()
	answer, err := retry(ctx, random, s.ask)
	if timeout.Caused(err) {
		err = fmt.Errorf("gave up after %v", limit)
	}
	return answer, err
}

// retry calls fn until it succeeds, fails for good, or ctx ends.
func retry[T any](ctx context.Context, random *rand.Rand, fn func(context.Context) (T, error)) (T, error) {
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		v, err := fn(ctx)
		if err == nil || !errors.Is(err, errUnavailable) {
			return v, err
		}
		jittered := pause/2 + time.Duration(random.Int64N(int64(pause)))
		if err := asyncio.Sleep(ctx, jittered); err != nil {
			return v, err
		}
	}
}

// service answers after a number of failures.
type service struct {
	failures int
	calls    int
}

func (s *service) ask(ctx context.Context) (string, error) {
	s.calls++ // tasks of a loop never run in parallel: no lock
	if err := asyncio.Sleep(ctx, 10*time.Millisecond); err != nil {
		return "", err
	}
	if s.calls <= s.failures {
		return "", errUnavailable
	}
	return "here you are", nil
}
