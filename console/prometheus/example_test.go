package prometheus_test

import (
	"fmt"
	"time"

	client "github.com/prometheus/client_golang/prometheus"

	"github.com/goasyncio/asyncio/console/prometheus"
)

// With a loop for each processor, each is a series of its own.
func ExampleNumbers() {
	collector := prometheus.NewCollector(prometheus.Numbers(), prometheus.Timeout(time.Second))
	defer collector.Close()
	fmt.Println(client.Register(collector))
	// Output:
	// <nil>
}
