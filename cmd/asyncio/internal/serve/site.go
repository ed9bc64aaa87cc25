package serve

import (
	"net/http"
	"os"
	"strings"

	"github.com/goasyncio/asyncio"
)

// A site answers the requests. Its counters are shared by all of them, without a lock.
type site struct {
	root  *os.Root
	quiet bool
	log   *log

	requests int
	bytes    int64
}

// ServeHTTP serves a file or a folder's list, and tells of it.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := asyncio.Now(r.Context())
	answer := &answer{ResponseWriter: w}
	defer func() {
		s.requests++
		s.bytes += answer.bytes
		if !s.quiet {
			s.log.say(answer.line(r, asyncio.Now(r.Context()).Sub(began), s.log.color))
		}
	}()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		answer.Header().Set("Allow", "GET, HEAD")
		http.Error(answer, "405 this server only serves files", http.StatusMethodNotAllowed)
		return
	}
	// The standard library writes several ranges at once from a goroutine, through a
	// pipe on which the loop would wait. Who asks for them gets the whole file, as RFC
	// 9110, 14.2 allows.
	if strings.Contains(r.Header.Get("Range"), ",") {
		r.Header.Del("Range")
	}
	http.FileServer(folder{r.Context(), s.root}).ServeHTTP(answer, r)
}
