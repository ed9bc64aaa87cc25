package fetch

import (
	"bufio"
	"fmt"
	"io"
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
