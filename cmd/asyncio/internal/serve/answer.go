package serve

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/fatih/color"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
)

// direct is from where on a file is sent by the system itself. A shorter one is read
// and sent with the header, in one piece.
const direct = 64 << 10

// An answer is an [http.ResponseWriter] that remembers what was sent.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
	err    error // the client did not take all of it
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader remembers the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts.
func (a *answer) Write(p []byte) (int, error) {
	n, err := a.ResponseWriter.Write(p)
	a.sent(int64(n), err)
	return n, err
}

func (a *answer) sent(n int64, err error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.bytes += n
	if err != nil {
		a.err = err
	}
}

// ReadFrom gives a long file to the connection, which knows how to send one without
// holding up the loop. Everything else is read here, a file by its Read, on threads.
func (a *answer) ReadFrom(r io.Reader) (int64, error) {
	below, ok := a.ResponseWriter.(io.ReaderFrom)
	part, _ := r.(*io.LimitedReader)
	if !ok || part == nil || part.N < direct {
		return io.Copy(struct{ io.Writer }{a}, r)
	}
	f, ok := part.R.(*file)
	if !ok {
		return io.Copy(struct{ io.Writer }{a}, r)
	}
	// With the header sent, nobody looks into the file on the loop to tell its type.
	if err := http.NewResponseController(a.ResponseWriter).Flush(); err != nil {
		a.sent(0, err)
		return 0, err
	}
	n, err := below.ReadFrom(&io.LimitedReader{R: f.os, N: part.N})
	a.sent(n, err)
	return n, err
}

// line tells of the request and its answer. A path is as the client has sent it, with
// what could trouble a terminal escaped.
func (a *answer) line(r *http.Request, took time.Duration, colored bool) string {
	status := fmt.Sprint(a.status)
	if colored {
		status = paint(a.status).Sprint(status)
	}
	end := ""
	if a.err != nil {
		end = ", cut off"
	}
	return fmt.Sprintf("%s %s %s %s %s%s", r.Method, r.URL.RequestURI(), status, human.Size(a.bytes), brief(took), end)
}

// paint is the color of a status.
func paint(status int) *color.Color {
	c := map[int]color.Attribute{2: color.FgGreen, 3: color.FgCyan, 4: color.FgYellow}[status/100]
	if c == 0 {
		c = color.FgRed
	}
	p := color.New(c)
	p.EnableColor()
	return p
}

// brief writes a time of which most are short.
func brief(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return human.Seconds(d)
}
