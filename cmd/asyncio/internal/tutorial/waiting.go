package tutorial

import (
	"context"
	"math/big"

	"github.com/goasyncio/asyncio"
)

// waitingFactorial computes n!. Its pauses give the loop away: it runs the others
// meanwhile.
func waitingFactorial(ctx context.Context, l *lesson, n int) error {
	say := l.say(ctx)
	f := big.NewInt(1)
	for i := 2; i <= n; i++ {
		say("Compute factorial(%d)…", i)
		if err := asyncio.Sleep(ctx, l.pause); err != nil {
			return err
		}
		f.Mul(f, big.NewInt(int64(i)))
	}
	say("factorial(%d) = %d", n, f)
	return nil
}
