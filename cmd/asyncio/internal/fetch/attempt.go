package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/goasyncio/asyncio"
)

// chunk is how much one read takes: large against the cost of going to a thread, which
// writes it, and back.
const chunk = 128 << 10

// attempt is one try at a download.
type attempt struct {
	*fetcher
	d      *Download
	place  *place
	part   Part
	offset int64 // where the part begins that was asked for; 0 for the whole file
}

// run asks for the file, or for the rest of it, and receives and commits it.
func (a *attempt) run(ctx context.Context) error {
	if a.part.Version().validator() != "" {
		a.offset = a.part.Size()
	}
	resp, err := a.ask(ctx)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.Status == http.StatusRequestedRangeNotSatisfiable {
		if !a.isWhole(resp) {
			return a.discard(ctx)
		}
		return a.commit(ctx, resp)
	}
	if err := a.prepare(ctx, resp); err != nil {
		return err
	}
	if err := a.receive(ctx, resp); err != nil {
		return err
	}
	return a.commit(ctx, resp)
}

// ask sends the request, for what follows the offset, and follows redirects.
func (a *attempt) ask(ctx context.Context) (*Response, error) {
	a.d.enter(ctx, Connecting)
	u := a.d.URL
	for hops := 0; ; hops++ {
		if err := a.place.move(ctx, u); err != nil {
			return nil, err
		}
		resp, err := a.open(ctx, u)
		if err != nil {
			return nil, err
		}
		a.d.Status = resp.Status
		if !isRedirect(resp.Status) {
			return resp, a.check(ctx, resp)
		}
		resp.Body.Close()
		if hops == a.Redirects {
			return nil, &protocolError{fmt.Sprintf("more than %d redirects (--max-redirects), the last to %s", a.Redirects, u.Redacted())}
		}
		if u, err = redirected(u, resp.Header.Get("Location")); err != nil {
			return nil, err
		}
	}
}

// header makes the header of the request. If-Range makes the server decide whether the
// rest fits what we have; if not, it sends the whole file in the same answer.
func (a *attempt) header() http.Header {
	h := http.Header{"User-Agent": {a.UserAgent}, "Accept": {"*/*"}, "Accept-Encoding": {"identity"}}
	if a.offset > 0 {
		h.Set("Range", fmt.Sprintf("bytes=%d-", a.offset))
		h.Set("If-Range", a.part.Version().validator())
	}
	return h
}

// open waits for the header of an answer, but not longer than a server may be silent.
func (a *attempt) open(ctx context.Context, u *url.URL) (*Response, error) {
	limited, timeout := asyncio.WithTimeout(ctx, a.Idle)
	defer timeout.Cancel()
	resp, err := a.Transport.Open(limited, u, a.header())
	if err != nil && timeout.Expired() && ctx.Err() == nil {
		return nil, &timeoutError{"no answer for", a.Idle, "--timeout"}
	}
	return resp, err
}

// check turns an answer that is not the file into an error, and closes it.
func (a *attempt) check(ctx context.Context, resp *Response) error {
	switch resp.Status {
	case http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusPartialContent:
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		if a.offset > 0 {
			return nil
		}
	}
	resp.Body.Close()
	err := &statusError{resp.Status, -1}
	now := asyncio.Now(ctx)
	if after, ok := retryAfter(resp.Header, now); ok {
		err.after = after
		if after <= a.Backoff.Max {
			a.place.host.keepQuiet(now.Add(after))
		}
	}
	return err
}

// isWhole tells, of the answer that there is nothing after what we have, whether that is
// because we have it all. If-Range has made sure that it is the same file.
func (a *attempt) isWhole(resp *Response) bool {
	_, _, total, ok := contentRange(resp.Header.Get("Content-Range"))
	return ok && total == a.part.Size()
}

// prepare makes the part fit the answer: empty for a whole file, as it is for the rest.
func (a *attempt) prepare(ctx context.Context, resp *Response) error {
	d := a.d
	if name := nameFor(d.URL, resp.Header); a.Name == "" && resp.Header.Get("Content-Disposition") != "" {
		d.Name = name
	}
	if resp.Status == http.StatusPartialContent {
		return a.prepareRest(ctx, resp)
	}
	d.Total, d.Got, d.Resumed = resp.Length, 0, 0
	version := Version{Total: -1}
	if !resp.Unpacked { // what counts packed bytes says nothing of unpacked ones
		version = versionOf(resp.Header, resp.Length)
	}
	return store(ctx, a.part.Restart(ctx, version))
}

// prepareRest checks that a partial answer is the part that we asked for, of the file
// that we have the beginning of. If it is not, the beginning is of no use.
func (a *attempt) prepareRest(ctx context.Context, resp *Response) error {
	if a.offset == 0 {
		return &protocolError{"the server sent a part of the file, but was asked for all of it"}
	}
	first, last, total, ok := contentRange(resp.Header.Get("Content-Range"))
	etag, have := resp.Header.Get("ETag"), a.part.Version().ETag
	switch {
	case !ok, resp.Unpacked,
		first != a.offset || total >= 0 && last != total-1,
		resp.Length >= 0 && resp.Length != last-first+1,
		etag != "" && have != "" && etag != have:
		return a.discard(ctx)
	}
	resp.Length = last - first + 1
	a.d.Got, a.d.Total = a.offset, last+1
	return nil
}

// discard empties a part that turned out to be of no use. The next attempt begins anew.
func (a *attempt) discard(ctx context.Context) error {
	a.d.Got, a.d.Resumed = 0, 0
	if err := a.part.Restart(ctx, Version{Total: -1}); err != nil {
		return store(ctx, err)
	}
	return errOtherFile
}

// errOtherFile is tried again, from the beginning.
var errOtherFile = errors.New("the file on the server is no longer the one whose beginning is here")

// receive appends the body to the part until it ends.
func (a *attempt) receive(ctx context.Context, resp *Response) error {
	a.d.enter(ctx, Receiving)
	buf := make([]byte, chunk)
	var got int64
	for {
		n, err := a.read(ctx, resp.Body, buf)
		if n > 0 {
			if err := a.part.Append(ctx, buf[:n]); err != nil {
				return store(ctx, err)
			}
			got += int64(n)
			a.d.Got = a.part.Size()
			a.d.Received += int64(n)
		}
		switch {
		case err == io.EOF && resp.Length >= 0 && got != resp.Length,
			errors.Is(err, io.ErrUnexpectedEOF):
			return &cutError{a.part.Size(), a.d.Total}
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// read waits for the next bytes, but not longer than a server may be silent.
func (a *attempt) read(ctx context.Context, body Body, p []byte) (int, error) {
	limited, timeout := asyncio.WithTimeout(ctx, a.Idle)
	defer timeout.Cancel()
	n, err := body.Read(limited, p)
	if err != nil && err != io.EOF && timeout.Expired() && ctx.Err() == nil {
		err = &timeoutError{"the server was silent for", a.Idle, "--timeout"}
	}
	return n, err
}

// commit gives the file its name. From here on only the disk can fail.
func (a *attempt) commit(ctx context.Context, resp *Response) error {
	a.d.Got, a.d.Total = a.part.Size(), a.part.Size()
	resp.Body.Close()
	path, err := a.part.Commit(ctx, a.d.Name)
	if err != nil {
		return store(ctx, err)
	}
	a.d.Path = path
	return nil
}
