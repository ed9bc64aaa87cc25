package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// world is the servers, the disk and the screen of a test, all in virtual time.
type world struct {
	t       *testing.T
	config  Config
	servers map[string]handler // by host
	asked   []request
	active  map[string]int // answers under way, by host
	most    map[string]int // the most at once; "" counts all hosts
	disk    memory
	ended   []*Download
	retries []time.Duration
}

// A handler is a server: it answers request number n, from 1, to its host.
type handler func(ctx context.Context, r request, n int) (*Response, error)

type request struct {
	at     time.Duration // since the world began
	url    *url.URL
	header http.Header
}

// run makes a world and runs test on a loop in it.
func run(t *testing.T, test func(ctx context.Context, w *world), opts ...asyncio.Option) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) { test(ctx, newWorld(t, asyncio.Now(ctx))) }, opts...)
}

func newWorld(t *testing.T, began time.Time) *world {
	w := &world{
		t: t, servers: map[string]handler{},
		active: map[string]int{}, most: map[string]int{},
		disk: memory{parts: map[string]*memoryPart{}, files: map[string]string{}, replaced: map[string]bool{}},
	}
	w.config = Config{
		Transport: &virtual{w, began}, Store: &w.disk, Reporter: w,
		Parallel: 8, PerHost: 4, Idle: 30 * time.Second, Redirects: 5,
		Backoff: Backoff{Retries: 3, Base: time.Second, Max: time.Minute},
		Rand:    rand.New(rand.NewPCG(1, 2)),
	}
	return w
}

// fetch runs downloads to their end and returns them, with the time that they took.
func (w *world) fetch(ctx context.Context, addresses ...string) ([]*Download, time.Duration) {
	w.t.Helper()
	list, began := newDownloads(addresses), asyncio.Now(ctx)
	f := newFetcher(w.config)
	if err := f.all(ctx, list); err != nil && ctx.Err() == nil {
		w.t.Errorf("all: %v", err)
	}
	w.wantEndedOnce(list)
	w.wantPlacesWhole(f.limits)
	return list, asyncio.Now(ctx).Sub(began)
}

// one fetches one file.
func (w *world) one(ctx context.Context, address string) *Download {
	w.t.Helper()
	list, _ := w.fetch(ctx, address)
	return list[0]
}

// wantEndedOnce checks what has to be true of every run: each download ended in exactly
// one way, a file is there if and only if it is done, and no part is still open.
func (w *world) wantEndedOnce(list []*Download) {
	w.t.Helper()
	times := map[*Download]int{}
	for _, d := range w.ended {
		times[d]++
	}
	for _, d := range list {
		_, there := w.disk.files[d.Path]
		if times[d] != 1 || !d.State.Ended() || (d.State == Done) != there || (d.State == Done) != (d.Err == nil) {
			w.t.Errorf("%s ended %d times: %v, file %v, error %v", d.label(), times[d], d.State, there, d.Err)
		}
	}
	for address, p := range w.disk.parts {
		if p.open {
			w.t.Errorf("the part of %s is still open", address)
		}
	}
	for host, n := range w.active {
		if n != 0 {
			w.t.Errorf("%d connections to %q are left", n, host)
		}
	}
}

// wantPlacesWhole checks that every place that was taken has been given back, once.
func (w *world) wantPlacesWhole(l *limits) {
	w.t.Helper()
	if n := l.all.Value(); n != w.config.Parallel {
		w.t.Errorf("%d places are left of %d", n, w.config.Parallel)
	}
	for name, h := range l.hosts {
		if n := h.places.Value(); n != w.config.PerHost {
			w.t.Errorf("%d places of %s are left of %d", n, name, w.config.PerHost)
		}
	}
}

func (w *world) Began(*Download) {}
func (w *world) Retrying(_ *Download, _ error, pause time.Duration) {
	w.retries = append(w.retries, pause)
}
func (w *world) Ended(d *Download) { w.ended = append(w.ended, d) }

// virtual is a [Transport] to the servers of a world.
type virtual struct {
	*world
	began time.Time
}

func (v *virtual) Open(ctx context.Context, u *url.URL, h http.Header) (*Response, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return nil, err
	}
	r := request{asyncio.Now(ctx).Sub(v.began), u, h}
	v.asked = append(v.asked, r)
	serve := v.servers[u.Host]
	if serve == nil {
		return nil, fmt.Errorf("no server %s in this world", u.Host)
	}
	n := 0
	for _, a := range v.asked {
		if a.url.Host == u.Host {
			n++
		}
	}
	leave := v.enter(u.Host)
	resp, err := serve(ctx, r, n)
	if err != nil {
		leave()
		return nil, err
	}
	if b, ok := resp.Body.(*pieces); ok {
		b.closed = leave
	}
	return resp, nil
}

// enter counts an answer under way; what it returns ends the counting, once.
func (v *virtual) enter(host string) (leave func()) {
	for _, key := range []string{host, ""} {
		v.active[key]++
		v.most[key] = max(v.most[key], v.active[key])
	}
	left := false
	return func() {
		if !left {
			left = true
			v.active[host]--
			v.active[""]--
		}
	}
}

// pieces is a body that comes bit by bit.
type pieces struct {
	list   []piece
	closed func()
}

type piece struct {
	after time.Duration
	text  string
	err   error
}

func (b *pieces) Read(ctx context.Context, p []byte) (int, error) {
	if len(b.list) == 0 {
		return 0, io.EOF
	}
	next := &b.list[0]
	if err := asyncio.Sleep(ctx, next.after); err != nil {
		return 0, err
	}
	next.after = 0
	n := copy(p, next.text)
	next.text = next.text[n:]
	if next.text != "" {
		return n, nil
	}
	b.list = b.list[1:]
	return n, next.err
}

func (b *pieces) Close() { b.closed() }

// answer is a whole answer: a status, a header of "Name: value" lines, and a body.
func answer(status int, header string, body ...piece) *Response {
	h := http.Header{}
	for line := range strings.Lines(header) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h.Set(name, value)
	}
	var length int64
	for _, p := range body {
		length += int64(len(p.text))
	}
	if s := h.Get("Content-Length"); s != "" {
		length, _ = strconv.ParseInt(s, 10, 64)
	}
	return &Response{Status: status, Header: h, Length: length, Body: &pieces{list: body}}
}

// after is a server that sends text all at once, after d.
func after(d time.Duration, text string) handler {
	return func(context.Context, request, int) (*Response, error) {
		return answer(200, "", piece{d, text, nil}), nil
	}
}

// statuses is a server that answers with these, one after another, and then with text.
func statuses(text, header string, list ...int) handler {
	return func(_ context.Context, _ request, n int) (*Response, error) {
		if n <= len(list) {
			return answer(list[n-1], header), nil
		}
		return answer(200, "", piece{0, text, nil}), nil
	}
}

// memory is a [Store] without a disk.
type memory struct {
	parts    map[string]*memoryPart
	files    map[string]string
	replaced map[string]bool
	full     int64 // more bytes than these fail with failure; 0: no limit
	failure  error
}

type memoryPart struct {
	store   *memory
	data    bytes.Buffer
	version Version
	open    bool
}

func (m *memory) Open(ctx context.Context, address, _ string) (Part, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return nil, err
	}
	p := m.parts[address]
	if p == nil {
		p = &memoryPart{store: m}
		m.parts[address] = p
	}
	p.open = true
	return p, nil
}

// left puts a part there as an earlier run would have left it.
func (m *memory) left(address, text string, v Version) {
	p := &memoryPart{store: m, version: v}
	p.data.WriteString(text)
	m.parts[address] = p
}

func (p *memoryPart) Size() int64      { return int64(p.data.Len()) }
func (p *memoryPart) Version() Version { return p.version }

func (p *memoryPart) Restart(ctx context.Context, v Version) error {
	p.data.Reset()
	p.version = v
	return asyncio.Checkpoint(ctx)
}

func (p *memoryPart) Append(ctx context.Context, b []byte) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if full := p.store.full; full > 0 && p.Size()+int64(len(b)) > full {
		return p.store.failure
	}
	p.data.Write(b)
	return nil
}

func (p *memoryPart) Commit(ctx context.Context, name string) (string, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		final := numbered(name, n)
		if _, taken := p.store.files[final]; !taken {
			p.store.files[final] = p.data.String()
			p.open = false
			p.data.Reset()
			return final, nil
		}
	}
}

func (p *memoryPart) Close(ctx context.Context) (bool, error) {
	p.open = false
	if p.version.validator() == "" {
		p.data.Reset()
	}
	return p.data.Len() > 0, asyncio.Checkpoint(ctx)
}
