package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// chaos is a server that fails in every way that it can, at random, and now and then does
// what it should. What it sends for an address is always the beginning of textOf it.
func chaos(r *rand.Rand) handler {
	return func(ctx context.Context, q request, _ int) (*Response, error) {
		text, latency := textOf(q.url.Path), time.Duration(r.IntN(5000))*time.Millisecond
		if err := asyncio.Sleep(ctx, latency); err != nil {
			return nil, err
		}
		header := fmt.Sprintf("ETag: \"v\"\nContent-Length: %d", len(text))
		cut := r.IntN(len(text))
		switch r.IntN(10) {
		case 0:
			return nil, errors.New("connection reset by chaos")
		case 1:
			return answer(503, fmt.Sprintf("Retry-After: %d", r.IntN(100))), nil
		case 2:
			return answer([]int{404, 403, 500, 200, 206, 416, 302}[r.IntN(7)], ""), nil
		case 3:
			return answer(302, "Location: http://h"+fmt.Sprint(r.IntN(4))+q.url.Path), nil
		case 4:
			return answer(200, header, piece{latency, text[:cut], io.ErrUnexpectedEOF}), nil
		case 5:
			return answer(200, header, piece{latency, text[:cut], nil}, piece{time.Hour, text[cut:], nil}), nil
		}
		return ranged(text, `ETag: "v"`)(ctx, q, 1)
	}
}

func textOf(path string) string { return strings.Repeat(path+"\n", 20) }

// Whatever servers do, and whenever the user has enough: each download ends in exactly one
// way (world.fetch checks it), a file that has a name is whole, and no bound is exceeded.
func TestWhateverServersDoEveryDownloadEndsInOneWay(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			run(t, func(ctx context.Context, w *world) { sweep(ctx, w, seed) })
		})
	}
}

func sweep(ctx context.Context, w *world, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 42))
	w.config.Rand, w.config.Parallel, w.config.PerHost = r, 1+r.IntN(5), 1+r.IntN(3)
	if seed%3 == 0 {
		w.config.MaxTime = time.Minute
	}
	var addresses []string
	for i := range 12 {
		host := fmt.Sprintf("h%d", i%4)
		w.servers[host] = chaos(r)
		addresses = append(addresses, fmt.Sprintf("http://%s/file%d", host, i))
	}
	if seed%2 == 0 { // half of the users lose patience
		var cancel asyncio.CancelFunc
		ctx, cancel = asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Duration(r.IntN(60))*time.Second, func() { cancel(errors.New("enough")) })
	}
	list, _ := w.fetch(ctx, addresses...)
	for _, d := range list {
		if d.State == Done && d.Status != 200 && d.Status != 206 && d.Status != 416 {
			w.t.Errorf("%s is done with status %d", d.label(), d.Status)
		}
		if text := w.disk.files[d.Path]; d.State == Done && text != textOf(d.URL.Path) && text != "" {
			w.t.Errorf("%s is not whole: %d of %d bytes", d.Path, len(text), len(textOf(d.URL.Path)))
		}
		if d.State == Interrupted && ctx.Err() == nil {
			w.t.Errorf("%s was interrupted by nobody", d.label())
		}
	}
	if w.most[""] > w.config.Parallel {
		w.t.Errorf("%d at once, want at most %d", w.most[""], w.config.Parallel)
	}
}
