// Package aiohttp is HTTP/1.1 on the loop: what package net/http is to goroutines,
// for tasks. Requests, responses, handlers, cookies and redirects are net/http's own,
// and so is the parsing of what comes over the wire; what waits is ours.
//
// # Serving
//
// A [Server] serves any http.Handler: the standard mux, routers, middleware. Each
// connection is a task, so handlers share state without locks, and while one waits
// the others run.
//
//	visits := map[string]int{}
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
//		visits[r.PathValue("name")]++
//		fmt.Fprintln(w, visits)
//	})
//	s := &aiohttp.Server{Handler: mux}
//	err := s.ListenAndServe(ctx, "tcp", "localhost:8080")
//
// What a handler waits for takes r.Context(), which leads to the loop and ends when
// the client hangs up ([ErrClientGone]). What blocks, such as most drivers of databases
// and package net/http's own client, holds up everybody: call it in asyncio.ToThread.
// Reading the request's body and writing the response wait for the client, and hold up
// nobody else. Files are the exception among what net/http brings: http.FileServer and
// http.ServeContent read them on the loop, which is fine where they are in the system's
// cache; the command "asyncio serve" shows how to read them on threads.
//
// Header, idle time and handshake are bounded unless you say otherwise; the rest has
// its bounds in the fields of Server. Panics close their connection and are reported.
// [Server.Shutdown] ends in bounded time.
//
// HTTP/2, where Server.HTTP2 asks for it, is the standard library's, on goroutines,
// with the handlers on the loop. [OnLoop] does that for any other server. Package
// fast, below this one, serves fasthttp's kind of handler.
//
// # Requests
//
// A [Client] makes requests from tasks.
//
//	client := new(aiohttp.Client)
//	resp, err := client.Get(ctx, "https://example.com/")
//	...
//	defer resp.Body.Close()
//	page, err := io.ReadAll(resp.Body)
//
// It stands on a [Transport]: connections that are kept open and used again, with a
// bound for each host, proxies, TLS, gzip. A Transport is an http.RoundTripper, and
// [Client.Standard] an http.Client, so libraries that take one of these run on the loop
// too, as long as the contexts of their requests come from it. A request that is
// cancelled closes its own connection and no other.
//
// # Tests
//
// Server and client work in memory: [Server.Serve] on the listener that
// aionet.ListenMemory makes, and its Dial in Transport.Dial. Under the virtual clock of
// package asynciotest all timeouts are exact and take no time.
package aiohttp
