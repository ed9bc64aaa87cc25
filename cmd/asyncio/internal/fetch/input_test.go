package fetch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestAListOfAddresses(t *testing.T) {
	const text = "\ufeffhttp://a/\r\n\n  # a comment\n\thttp://b/#part \nhttp://c/"
	want := []string{"http://a/", "http://b/#part", "http://c/"}
	t.Run("comes from standard input", func(t *testing.T) {
		if got, err := readAddresses("-", strings.NewReader(text)); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
	t.Run("comes from a file", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := readAddresses(name, nil); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
	t.Run("that is missing is an error that names it", func(t *testing.T) {
		_, err := readAddresses("no/such/list", nil)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "no/such/list") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("that breaks off is an error that tells where", func(t *testing.T) {
		broken := errors.New("broken")
		_, err := scanAddresses("list", iotest.DataErrReader(&failing{"http://a/\nhttp://b/\n", broken}))
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "after line 2") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("with an endless line is an error, not a full memory", func(t *testing.T) {
		if _, err := scanAddresses("list", strings.NewReader(strings.Repeat("x", 1<<20))); err == nil {
			t.Error("no error")
		}
	})
}

// failing gives its text and then its error.
type failing struct {
	text string
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	n := copy(p, f.text)
	f.text = f.text[n:]
	if n == 0 {
		return 0, f.err
	}
	return n, nil
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"http://h/x", ""},
		{"HTTPS://h:8443/x?y#z", ""},
		{"example.org/x", "no scheme"},
		{"ftp://h/x", `"ftp" is not supported`},
		{"file:///etc/passwd", `"file" is not supported`},
		{"http://", "no host"},
		{"http://h/%zz", "invalid URL escape"},
		{"http://h:port/", "invalid port"},
		{"http://[::1", "missing ']'"},
		{"http://a b/", "invalid character"},
		{"http://h/\x00", "invalid control character"},
		{"", "no scheme"},
	} {
		t.Run(c.address, func(t *testing.T) {
			u, err := parseURL(c.address)
			switch {
			case c.want == "" && (err != nil || u.Fragment != ""):
				t.Errorf("got %v, %v, want no error and no fragment", u, err)
			case c.want != "" && (err == nil || !strings.Contains(explain(err), c.want)):
				t.Errorf("got %v, want an error with %q", err, c.want)
			case err != nil && (strings.ContainsAny(explain(err), "\n\x00") || transient(err, true)):
				t.Errorf("%q is not one line, or would be tried again", err)
			}
		})
	}
}

func TestAnAddressThatIsGivenTwiceIsFetchedOnce(t *testing.T) {
	list := newDownloads([]string{"http://h/a", "bad", "http://h/a#top", "http://h/a?b", "bad", " http://h/a "})
	var got []string
	for _, d := range list {
		got = append(got, d.label())
	}
	if want := []string{"http://h/a", "bad", "http://h/a?b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
