// Package web is the page of the console, built and embedded. Its sources are
// TypeScript, in src; dist is what build.mjs makes of them, and is committed so that
// building a program needs no npm. CI checks that it is what the sources give.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var files embed.FS

// Files is the page: index.html, and what it loads below assets. It needs no network
// and no inline script or style, so that the strictest content security policy holds.
var Files fs.FS = sub(files, "dist")

func sub(files fs.FS, dir string) fs.FS {
	below, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the name is a constant of this file
	}
	return below
}
