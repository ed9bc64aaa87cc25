package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// readAddresses reads a list of addresses: one a line; empty lines and those that begin
// with # are comments. name is a file, or - for standard input.
func readAddresses(name string, stdin io.Reader) ([]string, error) {
	if name == "-" {
		return scanAddresses("standard input", stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return scanAddresses(name, f)
}

func scanAddresses(name string, r io.Reader) (list []string, err error) {
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(lines.Text())
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff") // some editors begin files with it
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %s after line %d: %w", name, n, err)
	}
	return list, nil
}

// parseURL checks what a user or a redirect gives as an address.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	var parse *url.Error
	switch {
	case errors.As(err, &parse):
		return nil, &addressError{"not a URL: " + parse.Err.Error()}
	case err != nil:
		return nil, &addressError{"not a URL: " + err.Error()}
	case u.Scheme == "":
		return nil, &addressError{"not a URL: it has no scheme; write https:// or http:// in front"}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &addressError{fmt.Sprintf("the scheme %q is not supported; use http or https", u.Scheme)}
	case u.Hostname() == "":
		return nil, &addressError{"not a URL: it names no host"}
	}
	u.Fragment = ""
	return u, nil
}
