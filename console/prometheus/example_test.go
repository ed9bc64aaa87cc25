package prometheus_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console/prometheus"
)

// The numbers of a loop, as Prometheus fetches them.
func ExampleNewCollector() {
	collector := prometheus.NewCollector()
	defer collector.Close()
	registry := client.NewRegistry()
	registry.MustRegister(collector)
	metrics := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer metrics.Close()

	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 3 {
			if _, err := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) }).Await(ctx); err != nil {
				return err
			}
		}
		page, err := asyncio.ToThread(ctx, func(context.Context) (string, error) { return fetch(metrics.URL) })
		for line := range strings.Lines(page) {
			if strings.HasPrefix(line, "asyncio_tasks") {
				fmt.Print(line)
			}
		}
		return err
	}, asyncio.LoopName("disk"))
	fmt.Println(err)
	// Output:
	// asyncio_tasks{loop="disk",state="ready"} 0
	// asyncio_tasks{loop="disk",state="waiting"} 1
	// asyncio_tasks_created_total{loop="disk"} 4
	// <nil>
}

func fetch(url string) (string, error) {
	r, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return string(text), err
}

// With a loop for each processor, each is a series of its own.
func ExampleNumbers() {
	collector := prometheus.NewCollector(prometheus.Numbers(), prometheus.Timeout(time.Second))
	defer collector.Close()
	fmt.Println(client.Register(collector))
	client.Unregister(collector)
	// Output:
	// <nil>
}
