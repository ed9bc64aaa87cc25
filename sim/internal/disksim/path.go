package disksim

import (
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// place of a name in the tree.
type spot struct {
	parent *node // nil for the root
	name   string
	node   *node // nil where nothing is there
	above  []*node
}

// find follows a name: relative ones begin at the root, as if that were the working
// directory of every process.
func (d *Disk) find(name string) (spot, error) {
	if name == "" {
		return spot{}, syscall.ENOENT
	}
	s := spot{node: d.root, name: "/"}
	rest := strings.TrimPrefix(path.Clean("/"+filepath.ToSlash(name)), "/")
	for rest != "" {
		switch {
		case s.node == nil:
			return spot{}, syscall.ENOENT
		case s.node.folder == nil:
			return spot{}, syscall.ENOTDIR
		}
		s.parent, s.above = s.node, append(s.above, s.node)
		s.name, rest, _ = strings.Cut(rest, "/")
		s.node = s.parent.folder.live[s.name]
	}
	return s, nil
}

// existing is find, for what must be there.
func (d *Disk) existing(name string) (spot, error) {
	s, err := d.find(name)
	if err == nil && s.node == nil {
		err = syscall.ENOENT
	}
	return s, err
}

// existingFolder is find, for a folder.
func (d *Disk) existingFolder(name string) (*node, error) {
	s, err := d.existing(name)
	if err == nil && s.node.folder == nil {
		err = syscall.ENOTDIR
	}
	return s.node, err
}

// link gives a new node the name of a spot where nothing is.
func (d *Disk) link(s spot, n *node) {
	d.change(change{sets: []setting{{entry{s.parent, s.name}, n}}})
}

// unlink takes a name away.
func (d *Disk) unlink(s spot) {
	c := change{sets: []setting{{entry{s.parent, s.name}, nil}}}
	if s.node.folder != nil {
		c.removes = s.node
	}
	d.change(c)
	d.release(s.node)
}

// move gives what is at a spot another name, and what was there none.
func (d *Disk) move(from, to spot) {
	d.change(change{
		sets:  []setting{{entry{from.parent, from.name}, nil}, {entry{to.parent, to.name}, from.node}},
		moves: from.node.folder != nil,
	})
	if to.node != nil {
		d.release(to.node)
	}
}

// change makes a change that processes see at once.
func (d *Disk) change(c change) {
	c.seq = d.next()
	for _, s := range c.sets {
		set(&s.folder.folder.live, s.name, s.to)
		if s.to != nil {
			s.to.linked = true
		}
	}
	d.names.pending = append(d.names.pending, c)
	if d.early() {
		d.names.sync(d.seq, every)
	}
}

// release is for a file that has lost its name: its bytes are free when nobody has it
// open.
func (d *Disk) release(n *node) {
	n.linked = false
	d.free(n)
}

func (d *Disk) free(n *node) {
	if n.file != nil && !n.linked && n.open == 0 {
		d.used -= int64(len(n.file.cache))
	}
}
