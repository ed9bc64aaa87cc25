package disksim

import (
	"io/fs"
	"maps"
	"slices"
	"time"
)

// node is a file or a folder: one of the two is set.
type node struct {
	mode   fs.FileMode
	mod    time.Time
	file   *content
	folder *folder
	linked bool // has a name that processes see
	open   int  // handles
}

// folder is the entries that processes see, and those that are on the disk.
type folder struct{ live, disk map[string]*node }

func newFolder(perm fs.FileMode) *node {
	return &node{mode: fs.ModeDir | perm.Perm(), folder: &folder{}}
}

func newFile(perm fs.FileMode) *node {
	return &node{mode: perm.Perm(), file: &content{}}
}

// set makes an entry lead to a node, or nowhere.
func set(entries *map[string]*node, name string, to *node) {
	switch {
	case to == nil:
		delete(*entries, name)
		return
	case *entries == nil:
		*entries = map[string]*node{}
	}
	(*entries)[name] = to
}

// names are sorted, so that nothing depends on the order of a map.
func names(entries map[string]*node) []string { return slices.Sorted(maps.Keys(entries)) }

// walk visits n and what is below it as processes see it, a folder before its entries.
func (n *node) walk(path string, visit func(path string, n *node)) {
	visit(path, n)
	if n.folder == nil {
		return
	}
	for _, name := range names(n.folder.live) {
		n.folder.live[name].walk(path+"/"+name, visit)
	}
}

// info describes a file at one moment.
type info struct {
	name string
	size int64
	mode fs.FileMode
	mod  time.Time
}

func (n *node) info(name string) fs.FileInfo {
	i := info{name: name, mode: n.mode, mod: n.mod}
	if n.file != nil {
		i.size = int64(len(n.file.cache))
	}
	return i
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return i.mod }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
