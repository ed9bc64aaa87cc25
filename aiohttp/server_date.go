package aiohttp

import (
	"bufio"
	"net/http"
	"time"
)

// A date is the value of the field "Date", which changes once a second.
type date struct {
	second int64
	text   []byte
}

func (d *date) write(out *bufio.Writer, now time.Time) {
	if s := now.Unix(); s != d.second || d.text == nil {
		d.second = s
		d.text = now.UTC().AppendFormat(d.text[:0], http.TimeFormat)
	}
	out.Write(d.text)
}
