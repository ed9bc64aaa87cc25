package aiohttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// A conversation between a client and a server, of which one is ours, must go as it goes
// between the two of package net/http: transcript for transcript.
func TestPeerNetHTTP(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %t", secure), func(t *testing.T) {
			var want []string
			theirServer(t, secure, func(url string, config *tls.Config) {
				want = talkAlong(t, t.Context(), theirClient(t, config, false), url)
			})
			if len(want) < 30 {
				t.Fatalf("the conversation of net/http with itself has only %d lines", len(want))
			}
			t.Run("their client and our server", func(t *testing.T) {
				ourServer(t, secure, func(url string, config *tls.Config) {
					sameLines(t, talkAlong(t, t.Context(), theirClient(t, config, false), url), want)
				})
			})
			t.Run("our client and their server", func(t *testing.T) {
				theirServer(t, secure, func(url string, config *tls.Config) { sameLines(t, ourConversation(t, config, url), want) })
			})
			t.Run("our client and our server", func(t *testing.T) {
				ourServer(t, secure, func(url string, config *tls.Config) { sameLines(t, ourConversation(t, config, url), want) })
			})
		})
	}
	t.Run("HTTP/2", func(t *testing.T) {
		var want []string
		theirServer(t, true, func(url string, config *tls.Config) {
			want = talkAlong(t, t.Context(), theirClient(t, config, true), url)
		})
		ourServer(t, true, func(url string, config *tls.Config) {
			sameLines(t, talkAlong(t, t.Context(), theirClient(t, config, true), url), want)
		})
	})
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d is\n  %s\nand between those of net/http\n  %s", i+1, g, w)
		}
	}
}

// theirServer is net/http's. The config is for its clients.
func theirServer(t *testing.T, secure bool, test func(url string, config *tls.Config)) {
	t.Helper()
	s := httptest.NewUnstartedServer(talkative())
	defer s.Close()
	s.EnableHTTP2 = true
	if !secure {
		s.Start()
		test(s.URL, nil)
		return
	}
	s.StartTLS()
	test(s.URL, trusting(s.Certificate()))
}

func ourServer(t *testing.T, secure bool, test func(url string, config *tls.Config)) {
	t.Helper()
	s := &aiohttp.Server{Handler: talkative(), OnError: func(r asyncio.Report) { t.Errorf("reported: %s: %v", r.Message, r.Err) }}
	if !secure {
		onLoopback(t, s, func(addr string) { test("http://"+addr, nil) })
		return
	}
	s.TLSConfig, _ = certified(t)
	s.HTTP2 = true
	cert, err := x509.ParseCertificate(s.TLSConfig.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	onLoopback(t, s, func(addr string) { test("https://"+addr, trusting(cert)) })
}

func trusting(cert *x509.Certificate) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{RootCAs: roots}
}

func theirClient(t *testing.T, config *tls.Config, http2 bool) *http.Client {
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: http2, ExpectContinueTimeout: patience}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// ourConversation is led by a task with our client.
func ourConversation(t *testing.T, config *tls.Config, url string) (said []string) {
	t.Helper()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		client := &aiohttp.Client{Transport: &aiohttp.Transport{TLSClientConfig: config, ExpectContinueTimeout: patience}}
		said = talkAlong(t, ctx, client.Standard(), url)
		client.CloseIdleConnections()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return said
}

// talkative is a server that does many things a server can do, and knows nothing of loops.
func talkative() http.Handler {
	text := bytes.Repeat([]byte("0123456789abcdef"), 30_000)
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		w.Header()["X-Many"] = r.Header["X-Many"]
		fmt.Fprintf(w, "%s %s: %d bytes of %d, %x, %v, trailers %v, cookies %v", r.Method, r.URL.RequestURI(),
			n, r.ContentLength, sum.Sum(nil)[:3], err, r.Trailer, len(r.Cookies()))
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "file.txt", time.Time{}, bytes.NewReader(text))
	})
	mux.HandleFunc("/zipped", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write(text)
		z.Close()
	})
	mux.HandleFunc("/trailers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		w.Write(text[:100])
		w.Header().Set("X-Sum", "100")
		w.Header().Set(http.TrailerPrefix+"X-Late", "yes")
	})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Write(text[:10])
	})
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscanf(r.PathValue("code"), "%d", &code)
		w.WriteHeader(code)
	})
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "me", Path: "/"})
		http.Redirect(w, r, "/echo?in", http.StatusSeeOther)
	})
	mux.Handle("/moved", http.RedirectHandler("/echo?moved", http.StatusTemporaryRedirect))
	mux.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	return mux
}

// talkAlong leads the conversation and returns what came of it, a line for each answer.
func talkAlong(t *testing.T, ctx context.Context, client *http.Client, url string) (said []string) {
	client.Jar, _ = cookiejar.New(nil)
	fresh := 0 // connections
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) {
			if !i.Reused {
				fresh++
			}
		},
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			said = append(said, fmt.Sprintf("informed: %d %q", code, h.Get("Link")))
			return nil
		},
	})
	ask := func(method, path string, body io.Reader, fields ...string) {
		req, err := http.NewRequestWithContext(ctx, method, url+path, body)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(fields); i += 2 {
			req.Header.Add(fields[i], fields[i+1])
		}
		said = append(said, method+" "+path+": "+answerLine(client.Do(req)))
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		ask(method, "/echo?a=%20b&c=d", nil)
	}
	for _, size := range []int{1, 100, 4096, 65_537, 1_000_000} {
		ask("POST", "/echo", bytes.NewReader(make([]byte, size)))
		ask("POST", "/echo", struct{ io.Reader }{strings.NewReader(strings.Repeat("x", size))}) // in chunks
	}
	ask("GET", "/echo", nil, "X-Many", "one", "X-Many", "two", "X-Long", strings.Repeat("long", 2000))
	ask("POST", "/echo", strings.NewReader("wanted"), "Expect", "100-continue")
	ask("GET", "/file", nil)
	ask("HEAD", "/file", nil)
	ask("GET", "/file", nil, "Range", "bytes=10-19")
	ask("GET", "/file", nil, "Range", "bytes=-3")
	ask("GET", "/file", nil, "Range", "bytes=9999999-")
	ask("GET", "/file", nil, "If-None-Match", `"1"`)
	ask("GET", "/zipped", nil)
	ask("GET", "/zipped", nil, "Accept-Encoding", "gzip") // then it is ours to unpack
	ask("GET", "/trailers", nil)
	ask("GET", "/hints", nil)
	for _, code := range []string{"201", "204", "304", "404", "418", "500", "503"} {
		ask("GET", "/status/"+code, nil)
	}
	ask("POST", "/login", strings.NewReader("name=me"))
	ask("PUT", "/moved", strings.NewReader("the body goes along"))
	ask("GET", "/nothing", nil)
	said = append(said, fmt.Sprintf("%d connections until here", fresh))
	ask("POST", "/abort", strings.NewReader("x"))
	ask("GET", "/echo?still=there", nil)
	return said
}

// answerLine is an answer in a line, without what may differ.
func answerLine(resp *http.Response, err error) string {
	if err != nil {
		return "failed"
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	text := string(body)
	if len(body) > 200 {
		text = fmt.Sprintf("%d bytes %x", len(body), sha256.Sum256(body))
	}
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		if name != "Date" {
			fields = append(fields, fmt.Sprintf("%s=%q", name, resp.Header[name]))
		}
	}
	return fmt.Sprintf("%s, length %d, unpacked %t, %s, trailers %v, %q, %v",
		resp.Status, resp.ContentLength, resp.Uncompressed, strings.Join(fields, " "), resp.Trailer, text, err)
}
