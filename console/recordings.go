package console

import (
	"maps"
	"net/http"
	"net/url"
	"sync"
)

// Recordings lets the page show rehearsals, by their names, beside the loops of the
// process: at /api/v1/recordings/NAME. A recording that is under way comes as it grows,
// and one that has not begun when it does. [Server.Compare] is a page of them.
func Recordings(recordings map[string]*Rehearsal) Option {
	return func(c *config) {
		if c.recordings == nil {
			c.recordings = map[string]*Rehearsal{}
		}
		maps.Copy(c.recordings, recordings)
	}
}

// Compare is the address of a page that shows recordings side by side, in one time, with
// the console's token: it is a secret. The names are those that [Recordings] was given.
func (s *Server) Compare(names ...string) string {
	query := url.Values{}
	for _, name := range names {
		query.Add("recording", "/api/v1/recordings/"+url.PathEscape(name))
	}
	return s.URL() + "#" + query.Encode()
}

// rehearsed serves what was given to the console, as it grows.
func (s *site) rehearsed(recordings map[string]*Rehearsal) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		one := recordings[r.PathValue("name")]
		if one == nil {
			fail(w, http.StatusNotFound, "there is no recording "+quoted(r.PathValue("name")))
			return
		}
		if text, over, _ := one.text.after(0); over { // with its length: the page knows by that that it is the whole
			sendBytes(w, http.StatusOK, "application/x-ndjson", text)
			return
		}
		if !take(w, s.streams, errBusy.Error()) {
			return
		}
		defer leave(s.streams)
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("X-Accel-Buffering", "no") // a proxy before us must pass lines on at once
		if r.Method != http.MethodHead && !one.text.send(w, r) {
			panic(http.ErrAbortHandler) // so that nobody takes it for whole
		}
	}
}

// A growing text is written by one and read by many, from its beginning.
type growing struct {
	mu   sync.Mutex
	text []byte
	over bool
	more chan struct{} // closed when there is more; nil where nobody waits for that
}

func (g *growing) add(text []byte) { g.change(func() { g.text = append(g.text, text...) }) }

// end says that nothing more will come.
func (g *growing) end() { g.change(func() { g.over = true }) }

func (g *growing) change(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
	if g.more != nil {
		close(g.more)
		g.more = nil
	}
}

// after is what there is behind the first n bytes, which does not change any more, and
// whether that is all. more is closed when there is more to be known.
func (g *growing) after(n int) (text []byte, over bool, more <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.more == nil {
		g.more = make(chan struct{})
	}
	return g.text[n:len(g.text):len(g.text)], g.over, g.more
}

// send gives the text to a client, and returns whether it is the whole.
func (g *growing) send(w http.ResponseWriter, r *http.Request) bool {
	for n := 0; ; {
		text, over, more := g.after(n)
		if err := writeNow(r.Context(), w, text); err != nil { // where it is empty the client learns that there is an answer
			return false
		}
		if over {
			return true
		}
		n += len(text)
		select {
		case <-more:
		case <-r.Context().Done():
			return false
		}
	}
}
