package aiohttp_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// curlHandler is what curl talks to. file is served with ranges; /digest tells what came.
func curlHandler(file []byte) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "file.bin", time.Unix(1e9, 0), bytes.NewReader(file))
	})
	mux.HandleFunc("/digest", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		fmt.Fprintf(w, "%s %d %x %v %s\n", r.Method, n, sum.Sum(nil)[:4], err, r.Header.Get("Expect"))
	})
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "not wanted", http.StatusForbidden) // without asking for the body
	})
	mux.HandleFunc("/drops", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintln(w, i)
			http.NewResponseController(w).Flush()
			asyncio.Sleep(r.Context(), time.Millisecond)
		}
	})
	mux.Handle("/moved", http.RedirectHandler("/digest", http.StatusTemporaryRedirect))
	return mux
}

func TestPeerCurl(t *testing.T) {
	needs(t, "curl")
	file := make([]byte, 3_000_001)
	for i := range file {
		file[i] = byte(i * 7919 >> 3)
	}
	digest := func(b []byte) string { sum := sha256.Sum256(b); return fmt.Sprintf("%x", sum[:4]) }
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	upload := "@" + path
	for _, secure := range []bool{false, true} {
		// What one call of curl is given, and what it writes. URL stands for the server.
		for _, test := range []struct {
			name string
			args []string
			want string
		}{
			{"a file", []string{"URL/file"}, string(file)},
			{"a range", []string{"-r", "1000-2000999", "URL/file"}, string(file[1000:2001000])},
			{"the end of a file", []string{"-r", "-5", "URL/file"}, string(file[len(file)-5:])},
			{"a range that there is not", []string{"-o", "/dev/null", "-w", "%{http_code}", "-r", "9000000-", "URL/file"}, "416"},
			{"a file that has not changed", []string{"-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-z", "Mon, 01 Jan 2024 00:00:00 GMT", "URL/file"}, "304 0"},
			{"HEAD", []string{"-I", "-o", "/dev/null", "-w", "%{http_code} %header{content-length}", "URL/file"}, "200 3000001"},
			{"a form", []string{"-d", "a=1", "URL/digest"}, "POST 3 " + digest([]byte("a=1")) + " <nil> \n"},
			{"PUT", []string{"-T", path, "URL/digest"}, "PUT 3000001 " + digest(file) + " <nil> "},
			{"a body in chunks", []string{"-H", "Transfer-Encoding: chunked", "--data-binary", upload, "URL/digest"}, "POST 3000001 " + digest(file) + " <nil> "},
			{"a body that is announced", []string{"-H", "Expect: 100-continue", "--expect100-timeout", "100", "--data-binary", upload, "URL/digest"},
				"POST 3000001 " + digest(file) + " <nil> 100-continue\n"},
			{"a body that is announced and not wanted", []string{"-H", "Expect: 100-continue", "--expect100-timeout", "100", "-w", "%{http_code} %{size_upload}",
				"--data-binary", upload, "URL/refuse"}, "not wanted\n403 0"},
			{"a body that is redirected", []string{"-L", "--data-binary", upload, "URL/moved"}, "POST 3000001 " + digest(file) + " <nil> "},
			{"an answer in pieces", []string{"-N", "URL/drops"}, "0\n1\n2\n"},
			{"an old client", []string{"--http1.0", "--no-alpn", "-w", "%{http_version}", "URL/drops"}, "0\n1\n2\n1"},
		} {
			t.Run(fmt.Sprintf("%s, TLS %t", test.name, secure), func(t *testing.T) {
				estranged(t, secure, curlHandler(file), func(ctx context.Context, s *stranger) {
					got := s.curl(ctx, test.args...)
					if !strings.HasPrefix(got, test.want) || len(got) > len(test.want)+20 {
						t.Errorf("%d bytes %.100q, want %d bytes %.100q", len(got), got, len(test.want), test.want)
					}
				})
			})
		}
		t.Run(fmt.Sprintf("one connection for many requests, TLS %t", secure), func(t *testing.T) {
			estranged(t, secure, curlHandler(file), func(ctx context.Context, s *stranger) {
				args := []string{"-w", "%{num_connects} %{http_code}\n", "-o", "/dev/null"}
				for range 10 {
					args = append(args, "URL/file", "-o", "/dev/null")
				}
				got := lines(s.curl(ctx, args...))
				if want := append([]string{"1 200"}, slices.Repeat([]string{"0 200"}, 9)...); !slices.Equal(got, want) {
					t.Errorf("connections and statuses %q, want %q", got, want)
				}
			})
		})
		t.Run(fmt.Sprintf("many requests at a time, TLS %t", secure), func(t *testing.T) {
			estranged(t, secure, curlHandler(file), func(ctx context.Context, s *stranger) {
				args := []string{"--parallel", "--parallel-max", "8", "-w", "%{http_code} %{size_download}\n"}
				for range 16 {
					args = append(args, "-o", "/dev/null", "URL/file")
				}
				if got := lines(s.curl(ctx, args...)); !slices.Equal(got, slices.Repeat([]string{"200 3000001"}, 16)) {
					t.Errorf("%q", got)
				}
			})
		})
	}
	t.Run("HTTP/2", func(t *testing.T) {
		estranged(t, true, curlHandler(file), func(ctx context.Context, s *stranger) {
			got := s.ask(ctx, "curl", "-sS", "--noproxy", "*", "--cacert", s.ca, "--http2", "-o", "/dev/null",
				"-w", "%{http_version} %{http_code} %{size_download}", s.url+"/file")
			if got != "2 200 3000001" {
				t.Errorf("%q", got)
			}
		})
	})
}

// curl runs curl, by HTTP/1.1 unless the arguments say otherwise.
func (s *stranger) curl(ctx context.Context, args ...string) string {
	s.t.Helper()
	all := []string{"-sS", "--noproxy", "*", "--max-time", "60", "--http1.1"}
	if s.ca != "" {
		all = append(all, "--cacert", s.ca)
	}
	for _, a := range args {
		all = append(all, strings.Replace(a, "URL", s.url, 1))
	}
	return s.ask(ctx, "curl", all...)
}
