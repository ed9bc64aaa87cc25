package fetch

import (
	"context"
	"net/http"
	"strings"
)

// A Store keeps the beginnings of files until they are whole. All its methods, and those
// of [Part], are waits: a disk is slow. The program uses [Folder]; tests of timing use
// one in memory.
type Store interface {
	// Open returns the part of a file that an earlier run or attempt left for this
	// address, or an empty one. One process at a time has it.
	Open(ctx context.Context, url, name string) (Part, error)
}

// A Part is a file on its way. Nothing has its final name before Commit.
type Part interface {
	// Size is how many bytes are there; Version says what they are the beginning of.
	Size() int64
	Version() Version
	// Restart throws away what is there and notes what comes.
	Restart(ctx context.Context, v Version) error
	// Append writes p at the end.
	Append(ctx context.Context, p []byte) error
	// Commit makes the file durable and gives it its final name, or the next free
	// number of it. It returns the path.
	Commit(ctx context.Context, name string) (string, error)
	// Close lets go of a part that was not committed. The bytes stay, to be resumed,
	// where a later run can tell that they still fit; kept says whether they do.
	Close(ctx context.Context) (kept bool, err error)
}

// A Version tells one state of a resource from another.
type Version struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`
	Total    int64  `json:"total"` // bytes; -1 where the server did not say
}

// versionOf reads what a server says about a resource of total bytes.
func versionOf(h http.Header, total int64) Version {
	return Version{ETag: h.Get("ETag"), Modified: h.Get("Last-Modified"), Total: total}
}

// validator returns what goes into If-Range: the ETag, or else the date. A weak ETag
// promises equal meaning, not equal bytes, so nothing can be resumed by it. It is empty
// where nothing tells that the rest would fit the beginning.
func (v Version) validator() string {
	switch {
	case v.ETag != "" && !strings.HasPrefix(v.ETag, "W/"):
		return v.ETag
	case v.ETag == "":
		return v.Modified
	}
	return ""
}
