package tutorial

import (
	"context"
	"math/big"
)

// blockingFactorial computes n!. Its pauses keep the loop: nobody else can run
// meanwhile.
func blockingFactorial(ctx context.Context, l *lesson, n int) error {
	time, say := l.time(ctx), l.say(ctx)
	f := big.NewInt(1)
	for i := 2; i <= n; i++ {
		say("Compute factorial(%d)…", i)
		time.Sleep(l.pause)
		f.Mul(f, big.NewInt(int64(i)))
	}
	say("factorial(%d) = %d", n, f)
	return nil
}
