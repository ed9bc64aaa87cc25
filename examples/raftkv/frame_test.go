package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestMessagesComeAsTheyWereSent(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 1<<20)
		sent := []request{{Op: opPut, Key: "k", Value: "v"}, {}, {Client: 7, Seq: 9}}
		for _, q := range sent {
			if err := writeJSON(ctx, a, q); err != nil {
				t.Fatal(err)
			}
		}
		a.Close()
		in := aionet.NewReader(b, 0)
		for _, want := range sent {
			var got request
			if err := readJSON(ctx, in, &got); err != nil || got != want {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		}
		if _, err := readFrame(ctx, in); !errors.Is(err, io.EOF) {
			t.Errorf("behind the last: %v", err)
		}
	})
}

func TestAMessageThatIsTooLongIsRefusedByBothSides(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		a, b := aionet.Pipe(ctx, 16)
		if err := writeJSON(ctx, a, strings.Repeat("x", maxFrame)); err == nil {
			t.Error("it is sent")
		}
		if _, err := a.WriteContext(ctx, []byte{0xff, 0xff, 0xff, 0xff}); err != nil {
			t.Fatal(err)
		}
		if _, err := readFrame(ctx, aionet.NewReader(b, 0)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("one that is announced: %v", err)
		}
	})
}
