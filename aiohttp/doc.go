// Package aiohttp is HTTP/1.1 on the loop: what package net/http is to goroutines,
// for tasks. Requests, responses, handlers, cookies and redirects are net/http's own,
// and so is the parsing of what comes over the wire; what waits is ours.
//
// A [Client] makes requests. It stands on a [Transport], which is an
// http.RoundTripper and so serves every library that takes an http.Client, as long
// as the contexts of its requests come from the loop.
package aiohttp
