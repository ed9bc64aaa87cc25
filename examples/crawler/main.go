// Crawler follows the links of a site, a few pages at a time, visits each page
// once, and reports the links that lead nowhere. What it has seen is a plain map
// that all tasks share. The requests wait on the loop, as everything else does.
//
//	go run ./examples/crawler -demo                   # a site of its own
//	go run ./examples/crawler http://localhost:8080/
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

func main() {
	demo := flag.Bool("demo", false, "crawl a small site that the program serves itself")
	limit := flag.Int("limit", 4, "how many pages to load at a time")
	flag.Parse()
	root := flag.Arg(0)
	if *demo {
		site := serveDemo()
		defer site.Close()
		root = site.URL
	}
	if root == "" {
		flag.Usage()
		os.Exit(2)
	}
	c := newCrawler(*limit)
	if err := asyncio.Run(context.Background(), func(ctx context.Context) error { return c.crawl(ctx, root) }, asyncio.HandleSignals()); err != nil {
		log.Fatal(err)
	}
	c.print()
}

// A crawler knows what it has seen.
type crawler struct {
	client aiohttp.Client
	limit  int
	seen   map[string]error // by address: what was wrong with it, if anything
}

func newCrawler(limit int) *crawler {
	// A page gets ten seconds.
	return &crawler{client: aiohttp.Client{Timeout: 10 * time.Second}, limit: limit, seen: map[string]error{}}
}

// crawl visits every page of the site of root.
func (c *crawler) crawl(ctx context.Context, root string) error {
	start, err := url.Parse(root)
	if err != nil {
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		c.visit(g, start.JoinPath("/"))
		return nil // the group ends when no page is left
	}, asyncio.MaxTasks(c.limit))
}

// visit starts a task for a page that nobody has visited.
func (c *crawler) visit(g *asyncio.TaskGroup, page *url.URL) {
	address := page.String()
	if _, ok := c.seen[address]; ok {
		return
	}
	c.seen[address] = nil
	g.Go(func(ctx context.Context) error {
		body, err := get(ctx, &c.client, address)
		if err != nil {
			c.seen[address] = err // this page's trouble, not the others'
			return nil
		}
		for _, link := range links(page, body) {
			c.visit(g, link)
		}
		return nil
	}, asyncio.TaskName(address))
}

// print lists the pages in order.
func (c *crawler) print() {
	addresses := make([]string, 0, len(c.seen))
	for a := range c.seen {
		addresses = append(addresses, a)
	}
	slices.Sort(addresses)
	for _, a := range addresses {
		u, _ := url.Parse(a)
		if err := c.seen[a]; err != nil {
			fmt.Printf("broken  %s: %v\n", u.Path, err)
		} else {
			fmt.Printf("visited %s\n", u.Path)
		}
	}
}
