package aiohttp_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// FuzzResponse lets a server say anything, in pieces of any size. What the transport
// makes of it must be what http.ReadResponse makes of the whole, the connection must be
// closed unless the response was whole, and nobody may be left waiting.
func FuzzResponse(f *testing.F) {
	for _, answer := range rawAnswers {
		f.Add(raw(answer), uint16(len(answer)/2))
	}
	f.Fuzz(func(t *testing.T, answer string, cut uint16) {
		want := parsed(answer)
		at := min(int(cut), len(answer))
		asynciotest.Run(t, func(ctx context.Context) {
			s := newSite(ctx, t, 1<<20, func(ctx context.Context, p *peer, _ int) error {
				if _, err := p.request(); err != nil {
					return err
				}
				p.Write([]byte(answer[:at]))
				asyncio.Sleep(ctx, time.Millisecond)
				_, err := p.Write([]byte(answer[at:]))
				return err // and close
			})
			s.client.DisableCompression = true
			got := ask(ctx, s.client, "http://site/")
			if got != want {
				t.Errorf("%q: got %+v, want %+v", answer, got, want)
			}
			asyncio.Sleep(ctx, time.Second) // the server has closed
			s.wantConns(1, 0)
		})
	})
}

// parsed is the final response in the answer as the standard library's parser has it.
func parsed(answer string) outcome {
	r := bufio.NewReader(strings.NewReader(answer))
	req, _ := http.NewRequest("GET", "http://site/", nil)
	for {
		resp, err := http.ReadResponse(r, req)
		switch {
		case err != nil:
			return outcome{failed: true}
		case resp.StatusCode == http.StatusSwitchingProtocols:
			rest, _ := io.ReadAll(r)
			return outcome{status: 101, body: string(rest)}
		case resp.StatusCode < 100 || resp.StatusCode > 199:
			body, err := io.ReadAll(resp.Body)
			return outcome{status: resp.StatusCode, body: string(body), broken: err != nil}
		}
	}
}
