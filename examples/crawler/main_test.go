package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio"
)

// The site of -demo, which is on real connections of this machine.
func Example() {
	site := serveDemo()
	defer site.Close()
	c := newCrawler(4)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return c.crawl(ctx, site.URL)
	})
	c.print()
	fmt.Println(err)
	// Output:
	// visited /
	// visited /about
	// broken  /missing: 404 Not Found
	// visited /news/
	// visited /news/one
	// visited /news/two
	// <nil>
}

func TestAnAddressThatIsNoneIsAnError(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return newCrawler(1).crawl(ctx, "http://[broken")
	})
	if err == nil {
		t.Error("crawl took a broken address")
	}
}

func TestAServerThatIsNotThereIsReportedForItsPage(t *testing.T) {
	site := serveDemo()
	site.Close()
	c := newCrawler(1)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return c.crawl(ctx, site.URL)
	})
	if err != nil || c.seen[site.URL+"/"] == nil {
		t.Errorf("crawl: %v; the page: %v", err, c.seen)
	}
}
