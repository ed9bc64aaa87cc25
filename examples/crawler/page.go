package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"

	"github.com/goasyncio/asyncio/aiohttp"
)

// maxPage is how much of a page is looked at.
const maxPage = 1 << 20

// get loads a page. It is a wait.
func get(ctx context.Context, client *aiohttp.Client, address string) ([]byte, error) {
	resp, err := client.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxPage))
}

var href = regexp.MustCompile(`href="([^"]+)"`)

// links are the links of a page that stay on its site.
func links(page *url.URL, body []byte) []*url.URL {
	var all []*url.URL
	for _, m := range href.FindAllSubmatch(body, -1) {
		link, err := page.Parse(string(m[1]))
		if err != nil || link.Host != page.Host {
			continue
		}
		link.Fragment = ""
		all = append(all, link)
	}
	return all
}

// serveDemo serves a small site on a port of this machine.
func serveDemo() *httptest.Server {
	pages := map[string]string{
		"/":         `<a href="/about">about</a> <a href="/news/">news</a> <a href="http://example.com/">away</a>`,
		"/about":    `<a href="/">home</a> <a href="/missing">a page that is not there</a>`,
		"/news/":    `<a href="one">one</a> <a href="two">two</a> <a href="/about#team">team</a>`,
		"/news/one": `<a href="two">next</a>`,
		"/news/two": `<a href="one">back</a>`,
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if page, ok := pages[r.URL.Path]; ok {
			io.WriteString(w, page)
			return
		}
		http.NotFound(w, r)
	}))
}
