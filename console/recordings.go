package console

import (
	"maps"
	"net/http"
	"net/url"
)

// Recordings lets the page show recordings, by their names, beside the loops of the
// process: at /api/v1/recordings/NAME. [Server.Compare] is a page of them.
func Recordings(recordings map[string][]byte) Option {
	return func(c *config) {
		if c.recordings == nil {
			c.recordings = map[string][]byte{}
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

// serveRecordings serves what was given to the console.
func serveRecordings(recordings map[string][]byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := recordings[r.PathValue("name")]
		if !ok {
			fail(w, http.StatusNotFound, "there is no recording "+quoted(r.PathValue("name")))
			return
		}
		sendBytes(w, http.StatusOK, "application/x-ndjson", text)
	}
}
