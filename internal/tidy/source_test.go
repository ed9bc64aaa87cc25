package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is the path of the module, which is the root package's too.
const module = "github.com/goasyncio/asyncio"

// root is the folder of the module, seen from here.
const root = "../.."

// source is one Go file of the repository.
type source struct {
	name   string // slash-separated, from the root
	syntax *ast.File
}

// dir is the folder of the file: "." for the root package.
func (s source) dir() string { return path.Dir(s.name) }

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

var files = token.NewFileSet()

// sources are all Go files of the repository, in order of their names. Build
// constraints play no part: the rules hold on every system.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || p != root && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		f, err := parser.ParseFile(files, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		all = append(all, source{filepath.ToSlash(rel), f})
		return err
	})
	return all, err
})

// eachSource calls check with every file that wanted says yes to. It fails where
// there is none, so that a rule cannot be passed by looking at nothing.
func eachSource(t *testing.T, wanted func(source) bool, check func(source)) {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range all {
		if wanted(s) {
			n++
			check(s)
		}
	}
	if n == 0 {
		t.Fatal("the rule has looked at no file")
	}
}

func notTest(s source) bool { return !s.isTest() }

// at is where a node is, for messages.
func at(n ast.Node) string {
	p := files.Position(n.Pos())
	p.Filename, _ = filepath.Rel(root, p.Filename)
	return p.String()
}
