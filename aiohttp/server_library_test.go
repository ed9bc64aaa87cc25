package aiohttp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// Handlers of libraries, served to the client of the standard library.

func fetch(t *testing.T, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp, string(b)
}

func TestServerRunsARouterWithItsMiddleware(t *testing.T) {
	visits := map[string]int{} // which all requests share, without a lock
	r := chi.NewRouter()
	r.Use(middleware.RequestID, recovering, middleware.Compress(5, "text/plain"))
	r.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := chi.URLParam(r, "name")
		asyncio.Sleep(r.Context(), time.Millisecond)
		visits[name]++
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "hello %s %t", name, middleware.GetReqID(r.Context()) != "")
	})
	r.Get("/panic", func(w http.ResponseWriter, r *http.Request) { panic("caught by the middleware") })
	onLoopback(t, &aiohttp.Server{Handler: r}, func(addr string) {
		for range 3 {
			if resp, body := fetch(t, "http://"+addr+"/hello/gopher"); resp.StatusCode != 200 || body != "hello gopher true" || !resp.Uncompressed {
				t.Errorf("%v %q", resp.Status, body)
			}
		}
		if resp, _ := fetch(t, "http://"+addr+"/panic"); resp.StatusCode != 500 {
			t.Error(resp.Status)
		}
		if resp, _ := fetch(t, "http://"+addr+"/none"); resp.StatusCode != 404 {
			t.Error(resp.Status)
		}
	})
	if visits["gopher"] != 3 {
		t.Errorf("%v", visits)
	}
}

// recovering is middleware as many have it.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func TestServerServesFiles(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("0123456789", 100000)
	if err := os.WriteFile(filepath.Join(dir, "file.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	onLoopback(t, &aiohttp.Server{Handler: http.FileServer(http.Dir(dir))}, func(addr string) {
		url := "http://" + addr + "/file.txt"
		resp, body := fetch(t, url)
		if body != text || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%d bytes of %q", len(body), resp.Header.Get("Content-Type"))
		}
		if resp, body := fetch(t, url, "Range", "bytes=999990-"); resp.StatusCode != 206 || body != "0123456789" {
			t.Errorf("a range: %v %q", resp.Status, body)
		}
		if resp, body := fetch(t, url, "Range", "bytes=0-1,5-6"); resp.StatusCode != 206 || !strings.Contains(body, "\r\n\r\n56\r\n") {
			t.Errorf("two ranges: %v %q", resp.Status, body)
		}
		if resp, body := fetch(t, url, "If-Modified-Since", resp.Header.Get("Last-Modified")); resp.StatusCode != 304 || body != "" {
			t.Errorf("unchanged: %v %q", resp.Status, body)
		}
		if resp, body := fetch(t, "http://"+addr+"/"); !strings.Contains(body, "file.txt") {
			t.Errorf("the list: %v %q", resp.Status, body)
		}
	})
}

func TestServerTakesForms(t *testing.T) {
	form := &bytes.Buffer{}
	w := multipart.NewWriter(form)
	part, _ := w.CreateFormFile("file", "name.bin")
	part.Write(make([]byte, 1<<20))
	w.WriteField("field", "value")
	w.Close()
	var temporary []string
	onLoopback(t, &aiohttp.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1000); err != nil {
			t.Error(err)
			return
		}
		f, _ := r.MultipartForm.File["file"][0].Open()
		defer f.Close()
		if on, ok := f.(*os.File); ok {
			temporary = append(temporary, on.Name())
		}
		n, _ := io.Copy(io.Discard, f)
		fmt.Fprint(w, r.FormValue("field"), n)
	})}, func(addr string) {
		resp, err := http.Post("http://"+addr, w.FormDataContentType(), form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if b, err := io.ReadAll(resp.Body); string(b) != "value1048576" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	})
	for _, name := range temporary {
		if _, err := os.Stat(name); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	if len(temporary) != 1 {
		t.Error("the part was not put into a file: this test looks in the wrong way")
	}
}

// The library of the WebSocket has a goroutine of its own only for CloseRead, which
// nobody calls here: everything else happens in the task of the connection.
func TestServerWebSocket(t *testing.T) {
	goroutines := 0
	onLoopback(t, &aiohttp.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before := runtime.NumGoroutine()
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		for {
			kind, text, err := c.Read(r.Context())
			if err != nil {
				if websocket.CloseStatus(err) != websocket.StatusNormalClosure {
					t.Error(err)
				}
				return
			}
			goroutines = max(goroutines, runtime.NumGoroutine()-before)
			if err := c.Write(r.Context(), kind, bytes.ToUpper(text)); err != nil {
				t.Error(err)
				return
			}
		}
	})}, func(addr string) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		c, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"one", "two", strings.Repeat("three", 1000)} {
			if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.Read(ctx); err != nil || string(got) != strings.ToUpper(text) {
				t.Errorf("%q, %v", got, err)
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
	})
	if goroutines > 4 { // the client's, which are in the same process
		t.Errorf("%d goroutines were started while the server was at work", goroutines)
	}
}

// The bytes of net/http's own client, with its pool of connections, as a peer: many
// requests at a time, of all sizes both ways.
func TestServerAndTheStandardClient(t *testing.T) {
	onLoopback(t, &aiohttp.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var size int
		fmt.Sscanf(r.URL.Path, "/%d", &size)
		n, err := io.Copy(io.Discard, r.Body)
		w.Header().Set("Got", fmt.Sprint(n, err))
		w.Write(make([]byte, size))
	})}, func(addr string) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20}}
		defer client.CloseIdleConnections()
		errs := make(chan error, 20)
		for i := range 20 {
			go func() { errs <- talkMuch(client, "http://"+addr, i) }()
		}
		for range 20 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}

func talkMuch(client *http.Client, url string, i int) error {
	for j := range 30 {
		up, down := (i*7919+j*104729)%300_000, (i*15485863+j*32452843)%300_000
		var body io.Reader = bytes.NewReader(make([]byte, up))
		if j%2 == 0 {
			body = struct{ io.Reader }{body} // in chunks
		}
		resp, err := client.Post(fmt.Sprint(url, "/", down), "x/y", body)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Header.Get("Got"); err != nil || len(b) != down || got != fmt.Sprint(up, " <nil>") {
			return fmt.Errorf("sent %d and the server got %s; %d of %d bytes came back: %v", up, got, len(b), down, err)
		}
	}
	return nil
}

func TestOnLoopServesForAServerOfTheStandardLibrary(t *testing.T) {
	handlers, end := make(chan *aiohttp.LoopHandler), make(chan struct{})
	over := make(chan error)
	visits := 0
	go func() {
		over <- asyncio.Run(context.Background(), func(ctx context.Context) error {
			h := aiohttp.OnLoop(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				v := visits
				asyncio.Yield(r.Context())
				visits = max(visits, v+1)
				b, err := io.ReadAll(r.Body)
				fmt.Fprintf(w, "%d %v", len(b), err)
			}))
			handlers <- h
			asyncio.Receive(ctx, end)
			return nil
		})
	}()
	h := <-handlers
	s := httptest.NewServer(h)
	resp, err := http.Post(s.URL, "x/y", bytes.NewReader(make([]byte, 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(b) != "100000 <nil>" || visits != 1 {
		t.Errorf("%q, %d visits", b, visits)
	}
	s.Config.SetKeepAlivesEnabled(false)
	h.Close()
	close(end)
	if err := <-over; err != nil {
		t.Error(err)
	}
	if resp, _ := fetch(t, s.URL); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after the loop's end: %v", resp.Status)
	}
	s.Close()
}
