package tidy

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"path"
	"path/filepath"
	"regexp"
	"testing"
)

// unresolved is a name in brackets that go/doc has left as text.
var unresolved = regexp.MustCompile(`\[\*?[A-Za-z]*\.?[A-Z]\w*(\.[A-Z]\w*)?\]`)

// A name in brackets in the comments of the packages that users read is a link, and
// leads somewhere. What is renamed must be renamed there too.
func TestTheLinksInTheCommentsLeadSomewhere(t *testing.T) {
	for _, dir := range []string{".", "asynciotest", "aionet", "aiohttp", "aioexec", "aiofs", "aiofs/fstest", "console", "console/client"} {
		p := documentation(t, dir)
		links := 0
		for _, text := range comments(p) {
			for _, found := range checkLinks(p, text, &links) {
				t.Errorf("%s: %s leads nowhere, in the comment that begins %.60q", path.Join(module, dir), found, text)
			}
		}
		if links == 0 {
			t.Errorf("%s has no link in its comments: this test looks in the wrong way", dir)
		}
	}
}

func documentation(t *testing.T, dir string) *doc.Package {
	t.Helper()
	var syntax []*ast.File
	eachSource(t, func(s source) bool { return s.dir() == dir && !s.isTest() }, func(s source) {
		// Read again: go/doc takes what is not exported out of the syntax.
		f, err := parser.ParseFile(files, filepath.Join(root, s.name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		syntax = append(syntax, f)
	})
	p, err := doc.NewFromFiles(files, syntax, path.Join(module, dir), doc.PreserveAST)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// comments are those of the package and of everything that it exports.
func comments(p *doc.Package) []string {
	all := []string{p.Doc}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			all = append(all, v.Doc)
		}
	}
	funcs := func(fs []*doc.Func) {
		for _, f := range fs {
			all = append(all, f.Doc)
		}
	}
	values(p.Consts)
	values(p.Vars)
	funcs(p.Funcs)
	for _, typ := range p.Types {
		all = append(all, typ.Doc)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	return all
}

// checkLinks counts the links of a comment and returns what looks like one and is
// none.
func checkLinks(p *doc.Package, text string, links *int) (lost []string) {
	walk := func(texts []comment.Text) {
		for _, text := range texts {
			switch text := text.(type) {
			case comment.Plain:
				lost = append(lost, unresolved.FindAllString(string(text), -1)...)
			case *comment.DocLink:
				*links++
			}
		}
	}
	for _, block := range p.Parser().Parse(text).Content {
		switch block := block.(type) {
		case *comment.Paragraph:
			walk(block.Text)
		case *comment.List:
			for _, item := range block.Items {
				for _, part := range item.Content {
					if para, ok := part.(*comment.Paragraph); ok {
						walk(para.Text)
					}
				}
			}
		}
	}
	return lost
}
