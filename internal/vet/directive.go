package vet

import (
	"go/ast"
	"go/token"
	"strings"
)

// A directive silences what is found in its line, or in the line after the comment
// that it stands in; in the comment of a function, what is found in the function:
//
//	//asyncio:ok people read this clock, nothing depends on it
type directive struct {
	comment     *ast.Comment
	reason      string
	first, last int // the lines of which it speaks
	used        bool
}

// directives are those of a package, by file, in the order of the files' lines.
type directives map[string][]*directive

const directivePrefix = "//asyncio:ok"

func (c *checker) collectDirectives() directives {
	all := directives{}
	for _, f := range c.Files {
		name := c.Fset.Position(f.FileStart).Filename
		for _, group := range f.Comments {
			for _, comment := range group.List {
				if reason, ok := cutDirective(comment.Text); ok {
					d := &directive{comment: comment, reason: reason}
					d.first, d.last = c.extent(f, group, comment)
					all[name] = append(all[name], d)
				}
			}
		}
	}
	return all
}

// extent is the lines of which a directive speaks.
func (c *checker) extent(f *ast.File, group *ast.CommentGroup, comment *ast.Comment) (first, last int) {
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Doc == group {
			return c.line(d.Pos()), c.line(d.End())
		}
	}
	line := c.line(comment.Pos())
	if c.codeBefore(f, comment) {
		return line, line
	}
	next := c.line(group.End()) + 1
	return next, next
}

func (c *checker) line(p token.Pos) int { return c.Fset.Position(p).Line }

// cutDirective returns the reason of a directive.
func cutDirective(text string) (reason string, ok bool) {
	rest, ok := strings.CutPrefix(text, directivePrefix)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", false
	}
	reason, _, _ = strings.Cut(rest, "//") // as in the tests of this package
	return strings.TrimSpace(reason), true
}

// codeBefore tells whether there is code in the line of a comment, which is before it
// then.
func (c *checker) codeBefore(f *ast.File, comment *ast.Comment) (yes bool) {
	line := c.line(comment.Pos())
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Comment, *ast.CommentGroup, nil:
			return false
		case *ast.File:
			return true
		}
		yes = yes || c.line(n.Pos()) == line || c.line(n.End()-1) == line
		return !yes && n.Pos() < comment.Pos()
	})
	return yes
}

// silence tells whether a directive speaks of a place, and remembers that it did.
func (d directives) silence(at token.Position) (yes bool) {
	for _, one := range d[at.Filename] {
		if one.first <= at.Line && at.Line <= one.last {
			one.used = true
			yes = yes || one.reason != ""
		}
	}
	return yes
}

// reportDirectives reports directives that give no reason, and those that silence
// nothing.
func (c *checker) reportDirectives() {
	for _, f := range c.Files {
		if !c.wanted(f) {
			continue
		}
		for _, d := range c.ok[c.Fset.Position(f.FileStart).Filename] {
			switch {
			case d.reason == "":
				c.emit(ruleDirective, d.comment, "//asyncio:ok without a reason silences nothing: say after it why what is here may differ from run to run")
			case !d.used:
				c.emit(ruleDirective, d.comment, "//asyncio:ok has nothing to silence, in its line, the one after it, or the function that it is the comment of: take it away")
			}
		}
	}
}
