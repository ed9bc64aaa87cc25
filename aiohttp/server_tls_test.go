package aiohttp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// secured is the config of a TLS server, and the standard library's client for it.
func secured(t *testing.T, http2 bool) (*tls.Config, *http.Client) {
	t.Helper()
	theirs := httptest.NewUnstartedServer(nil)
	theirs.EnableHTTP2 = http2
	theirs.StartTLS()
	defer theirs.Close()
	client := theirs.Client()
	t.Cleanup(client.CloseIdleConnections)
	return &tls.Config{Certificates: theirs.TLS.Certificates}, client
}

// both runs a test by HTTP/1.1 and HTTP/2 over TLS, with a client of the standard
// library.
func both(t *testing.T, h http.HandlerFunc, test func(t *testing.T, client *http.Client, url string)) {
	t.Helper()
	for _, http2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[http2], func(t *testing.T) {
			config, client := secured(t, http2)
			s := &aiohttp.Server{Handler: h, TLSConfig: config, HTTP2: http2, OnError: func(r asyncio.Report) {
				t.Errorf("reported: %s: %v", r.Message, r.Err)
			}}
			onLoopback(t, s, func(addr string) { test(t, client, "https://"+addr) })
		})
	}
}

func TestServerTLS(t *testing.T) {
	t.Run("requests and responses with bodies", func(t *testing.T) {
		handled := 0
		both(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Sleep(r.Context(), time.Millisecond) // it is a task
			handled++                                    // without a lock
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %t %d %v %v", r.Proto, r.TLS != nil && r.TLS.HandshakeComplete, len(b), err, aiohttp.ServerOf(r.Context()) != nil)
		}, func(t *testing.T, client *http.Client, url string) {
			var group sync.WaitGroup
			for n := range 20 {
				group.Go(func() {
					resp, err := client.Post(url, "text/plain", bytes.NewReader(make([]byte, n*10000)))
					if err != nil {
						t.Error(err)
						return
					}
					defer resp.Body.Close()
					b, err := io.ReadAll(resp.Body)
					if want := fmt.Sprintf("%s true %d <nil> true", resp.Proto, n*10000); string(b) != want || err != nil {
						t.Errorf("%q, %v, want %q", b, err, want)
					}
				})
			}
			group.Wait()
		})
		if handled != 40 {
			t.Errorf("%d requests were handled", handled)
		}
	})
	t.Run("streams both ways", func(t *testing.T) {
		both(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "Sum")
			http.NewResponseController(w).EnableFullDuplex() // HTTP/2 is so by itself
			buf, sum := make([]byte, 100), 0
			for {
				n, err := r.Body.Read(buf)
				sum += n
				w.Write(bytes.ToUpper(buf[:n]))
				if http.NewResponseController(w).Flush() != nil || err != nil {
					break
				}
			}
			w.Header().Set("Sum", fmt.Sprint(sum))
		}, func(t *testing.T, client *http.Client, url string) {
			body, pen := io.Pipe()
			defer pen.Close()
			req, _ := http.NewRequest("POST", url, body)
			go pen.Write([]byte("first"))
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			for _, text := range []string{"first", "second", "third"} {
				if text != "first" {
					go pen.Write([]byte(text))
				}
				got := make([]byte, len(text))
				if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != strings.ToUpper(text) {
					t.Errorf("%q, %v", got, err)
				}
			}
			pen.Close()
			if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil || resp.Trailer.Get("Sum") != "16" {
				t.Errorf("%q, %v, trailers %v", rest, err, resp.Trailer)
			}
		})
	})
	t.Run("a long response waits for its client", func(t *testing.T) {
		both(t, func(w http.ResponseWriter, r *http.Request) {
			for range 100 {
				w.Write(make([]byte, 50_000))
			}
		}, func(t *testing.T, client *http.Client, url string) {
			resp, err := client.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if n, err := io.Copy(io.Discard, resp.Body); n != 5_000_000 || err != nil {
				t.Errorf("%d bytes, %v", n, err)
			}
		})
	})
	t.Run("a client that goes away ends the context of its request", func(t *testing.T) {
		started, ended := make(chan bool, 1), make(chan error, 1)
		both(t, func(w http.ResponseWriter, r *http.Request) {
			started <- true
			ended <- asyncio.Sleep(r.Context(), time.Minute)
		}, func(t *testing.T, client *http.Client, url string) {
			ctx, cancel := context.WithCancel(context.Background())
			req, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
			go func() { <-started; cancel() }()
			if _, err := client.Do(req); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the handler's wait: %v", err)
			}
		})
	})
	t.Run("a panic is an error for its client alone", func(t *testing.T) {
		both(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/abort" {
				panic(http.ErrAbortHandler)
			}
		}, func(t *testing.T, client *http.Client, url string) {
			if _, err := client.Get(url + "/abort"); err == nil {
				t.Error("no error")
			}
			resp, err := client.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		})
	})
	t.Run("a client that does not speak TLS is reported and harms nobody", func(t *testing.T) {
		config, client := secured(t, false)
		reports := make(chan asyncio.Report, 10)
		s := &aiohttp.Server{Handler: http.HandlerFunc(greet), TLSConfig: config, OnError: func(r asyncio.Report) { reports <- r }}
		onLoopback(t, s, func(addr string) {
			if resp, err := http.Get("http://" + addr); err == nil {
				resp.Body.Close()
				t.Errorf("a response in the clear: %v", resp.Status)
			}
			if r := <-reports; !strings.Contains(r.Message, "handshake") {
				t.Errorf("%+v", r)
			}
			resp, err := client.Get("https://" + addr)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		})
	})
}

func TestServerShutdownOverHTTP2(t *testing.T) {
	config, client := secured(t, true)
	started, s := make(chan bool, 1), &aiohttp.Server{TLSConfig: config, HTTP2: true}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			asyncio.Go(context.WithoutCancel(r.Context()), func(ctx context.Context) error {
				started <- s.Shutdown(ctx) == nil
				return nil
			})
			asyncio.Sleep(r.Context(), 50*time.Millisecond) // it is under way
		}
		fmt.Fprint(w, "finished")
	})
	onLoopback(t, s, func(addr string) {
		for _, path := range []string{"/", "/down"} {
			resp, err := client.Get("https://" + addr + path)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(b) != "finished" || err != nil || resp.ProtoMajor != 2 {
				t.Errorf("%s: %s %q, %v", path, resp.Proto, b, err)
			}
		}
		if !<-started {
			t.Error("Shutdown has failed")
		}
		if _, err := client.Get("https://" + addr); err == nil {
			t.Error("it is served on")
		}
	})
}
