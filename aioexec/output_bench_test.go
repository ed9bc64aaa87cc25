//go:build unix

package aioexec_test

import (
	"context"
	"os/exec"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// BenchmarkOutput is what a child costs that says a few words, or a megabyte, beside
// package os/exec:
//
//	go test -run=NONE -bench=Output -cpu=1 ./aioexec
func BenchmarkOutput(b *testing.B) {
	for _, m := range []struct {
		name string
		args []string
	}{
		{"of a few words", []string{"echo", "text"}},
		{"of a megabyte", []string{"head", "-c", "1048576", "/dev/zero"}},
	} {
		b.Run(m.name+"/aioexec", func(b *testing.B) {
			b.ReportAllocs()
			err := asyncio.Run(b.Context(), func(ctx context.Context) error {
				for b.Loop() {
					if _, err := aioexec.Command(m.args[0], m.args[1:]...).Output(ctx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
		b.Run(m.name+"/os exec", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := exec.CommandContext(b.Context(), m.args[0], m.args[1:]...).Output(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
