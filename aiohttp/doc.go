// Package aiohttp is HTTP/1.1 on the loop: what package net/http is to goroutines,
// for tasks. Requests, responses, handlers, cookies and redirects are net/http's own,
// and so is the parsing of what comes over the wire; what waits is ours.
//
// A [Server] serves any http.Handler, each connection in a task: handlers share state
// without locks, and wait for whatever the loop offers. [OnLoop] brings handlers of
// other servers, which work on goroutines, to the loop. Package fast, below this one,
// serves fasthttp's kind of handler.
//
//	s := &aiohttp.Server{Handler: mux}
//	err := s.ListenAndServe(ctx, "tcp", "localhost:8080")
//
// A [Client] makes requests. It stands on a [Transport], which is an
// http.RoundTripper and so serves every library that takes an http.Client, as long
// as the contexts of its requests come from the loop.
package aiohttp
