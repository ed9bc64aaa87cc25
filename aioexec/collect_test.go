package aioexec_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/goasyncio/asyncio/aioexec"
)

func TestAnExcerptIsTheBeginningAndTheEndHoweverItComes(t *testing.T) {
	const half = 32 << 10
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, half - 1, half, half + 1, 2*half - 1, 2 * half, 2*half + 1, 3 * half, 4*half + 1, 1 << 20} {
		all := make([]byte, size)
		for i := range all {
			all[i] = byte(random.Uint32())
		}
		want := all
		if size > 2*half {
			want = fmt.Appendf(nil, "%s\n... %d bytes left out ...\n%s", all[:half], size-2*half, all[size-half:])
		}
		for _, most := range []int{100, 5000, 1 << 16, 1 << 20} {
			var parts [][]byte
			for rest := all; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(most))
				parts, rest = append(parts, rest[:n]), rest[n:]
			}
			if got := aioexec.Excerpt(parts); !bytes.Equal(got, want) {
				t.Errorf("%d bytes in %d parts: %d bytes, want %d", size, len(parts), len(got), len(want))
			}
		}
	}
}
