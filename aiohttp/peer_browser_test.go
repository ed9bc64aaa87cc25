package aiohttp_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/goasyncio/asyncio"
)

const images = 100

// page has images, and a program that waits for them all, looks at what they are, talks
// over a WebSocket, and reports. The image /held comes when the report has come: until
// then the page is not loaded, and the browser does not end.
const page = `<!doctype html><title>wait</title><body><script>
const loaded = [...Array(%d).keys()].map(i => new Promise(resolve => {
	const image = new Image();
	image.onload = () => resolve(image.naturalWidth == i + 1 ? 1 : 0);
	image.onerror = () => resolve(0);
	image.src = '/image/' + (i + 1) + '.png';
	document.body.append(image);
}));
const held = new Image(); held.src = '/held'; document.body.append(held);
const echo = new Promise(resolve => {
	const said = ['one', 'zwei', 'três ☃'.repeat(5000)], heard = [];
	const socket = new WebSocket(location.origin.replace('http', 'ws') + '/echo');
	socket.onopen = () => said.forEach(text => socket.send(text));
	socket.onerror = () => resolve('error');
	socket.onmessage = event => { heard.push(event.data); if (heard.length == said.length) socket.close(1000, 'bye'); };
	socket.onclose = event => resolve(event.code + ' ' + event.wasClean + ' ' + (heard.join() == said.join().toUpperCase()));
});
Promise.all([Promise.all(loaded), echo]).then(([seen, echoed]) => {
	const report = seen.reduce((a, b) => a + b) + ' images, echo ' + echoed;
	document.title = report;
	fetch('/report', {method: 'POST', body: report});
});
</script>`

// A visit is what the server sees of the browser. All requests share it without a lock.
type visit struct {
	t        *testing.T
	images   map[string]int
	protocol map[string]int
	reported asyncio.Event
}

func TestPeerBrowser(t *testing.T) {
	needs(t, "chromium")
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %t", secure), func(t *testing.T) {
			v := &visit{t: t, images: map[string]int{}, protocol: map[string]int{}}
			estranged(t, secure, v.handler(), func(ctx context.Context, s *stranger) {
				dom := s.ask(ctx, "chromium", append(browserArgs(t), s.url+"/")...)
				want := fmt.Sprintf("<title>%d images, echo 1000 true true</title>", images)
				if !strings.Contains(dom, want) {
					t.Errorf("the page has become %q, which does not contain %q", dom, want)
				}
			})
			if len(v.images) != images {
				t.Errorf("the server served %d images, want %d", len(v.images), images)
			}
			for path, n := range v.images {
				if n != 1 {
					t.Errorf("%s was asked for %d times", path, n)
				}
			}
			if want := map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[secure]; v.protocol[want] != images {
				t.Errorf("protocols of the images: %v, want %s", v.protocol, want)
			}
		})
	}
}

// browserArgs keep the browser on this machine, and alone with a profile of its own.
func browserArgs(t *testing.T) []string {
	return []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom",
		"--user-data-dir=" + t.TempDir(), "--no-first-run", "--no-default-browser-check", "--no-proxy-server",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--ignore-certificate-errors",
	}
}

func (v *visit) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, page, images)
	})
	mux.HandleFunc("GET /image/{name}", v.image)
	mux.HandleFunc("GET /echo", v.echo)
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		v.reported.Set()
	})
	mux.HandleFunc("GET /held", func(w http.ResponseWriter, r *http.Request) {
		v.reported.Wait(r.Context())
		writeImage(w, 1)
	})
	return mux
}

// image serves an image whose width is in its name.
func (v *visit) image(w http.ResponseWriter, r *http.Request) {
	v.images[r.URL.Path]++
	v.protocol[r.Proto]++
	var width int
	fmt.Sscanf(r.PathValue("name"), "%d.png", &width)
	asyncio.Yield(r.Context()) // so that they overlap
	writeImage(w, width)
}

func writeImage(w http.ResponseWriter, width int) {
	m := image.NewRGBA(image.Rect(0, 0, width, 200))
	for x := range width {
		for y := range 200 {
			m.Set(x, y, color.RGBA{uint8(x * y), uint8(x ^ y), uint8(x * 7), 255})
		}
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	w.Header().Set("Content-Type", "image/png")
	w.Write(b.Bytes())
}

// echo is a WebSocket that shouts back what it hears, until the browser closes it.
func (v *visit) echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		v.t.Error(err)
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for {
		kind, text, err := c.Read(r.Context())
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			return
		}
		if err == nil {
			err = c.Write(r.Context(), kind, bytes.ToUpper(text))
		}
		if err != nil {
			v.t.Error(err)
			return
		}
	}
}
