package console

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// kinds are the types of the files of the page. The system's own table may say anything.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// page serves the files of the page: index.html as the root, and those below assets.
func page(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		} else if !strings.HasPrefix(name, "assets/") {
			fail(w, http.StatusNotFound, "there is no "+quoted(r.URL.Path))
			return
		}
		kind, text, err := kinds[path.Ext(name)], []byte(nil), fs.ErrNotExist
		if kind != "" && fs.ValidPath(name) {
			text, err = fs.ReadFile(files, name)
		}
		if err != nil {
			fail(w, http.StatusNotFound, "there is no "+quoted(r.URL.Path))
			return
		}
		sendBytes(w, http.StatusOK, kind, text)
	})
}
