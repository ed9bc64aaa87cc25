package tree

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/console/client"
)

// drawer draws trees.
type drawer struct {
	out   *bufio.Writer
	paint *plain.Screen
	at    time.Time // of the list
	all   bool      // tasks that are alike are told one by one
}

func (d *drawer) forest(nodes []*node) error {
	for _, n := range nodes {
		d.line("", n)
		d.children(bars{}, n)
	}
	return d.out.Flush()
}

// bars are what stands before the children of a task. Below a certain depth they grow no
// more, and the depth is told as a number: a chain of ten thousand tasks is drawn too.
type bars struct {
	text  string
	depth int
}

// deepest is how deep bars are drawn where nobody says how wide the lines may be.
const deepest = 50

// below is the bars of the children of a child.
func (d *drawer) below(b bars, last bool) bars {
	if b.depth++; b.depth < d.limit() {
		b.text += stem(last)
	}
	return b
}

// limit is from which depth on bars grow no more.
func (d *drawer) limit() int {
	if d.paint.Width > 0 {
		return max(d.paint.Width/2/len("   "), 1)
	}
	return deepest
}

// before is what stands before a child.
func (d *drawer) before(b bars, last bool) string {
	if b.depth >= d.limit() {
		return fmt.Sprintf("%s[%d] %s", b.text, b.depth+1, branch(last))
	}
	return b.text + branch(last)
}

// few is how many tasks that are alike are told one by one before the rest is counted.
const few = 3

// children draws what is below n, behind the bars of what is above.
func (d *drawer) children(b bars, n *node) {
	for i := 0; i < len(n.children); {
		child := n.children[i]
		run := d.run(n.children[i:])
		if run > few+1 {
			for _, c := range n.children[i : i+few] {
				d.line(d.before(b, false), c)
			}
			i += run
			d.text(d.before(b, i == len(n.children)), d.paint.Faint(fmt.Sprintf("… and %d like these", run-few)))
			continue
		}
		i++
		last := i == len(n.children)
		d.line(d.before(b, last), child)
		d.children(d.below(b, last), child)
	}
}

// run is how many of the first nodes are alike.
func (d *drawer) run(nodes []*node) int {
	key := nodes[0].alike()
	if d.all || key == "" {
		return 1
	}
	n := 1
	for n < len(nodes) && nodes[n].alike() == key {
		n++
	}
	return n
}

func branch(last bool) string {
	if last {
		return "└─ "
	}
	return "├─ "
}

func stem(last bool) string {
	if last {
		return "   "
	}
	return "│  "
}

// line draws a task.
func (d *drawer) line(bars string, n *node) {
	text := listing.Name(n.task.Name, n.task.ID) + " " + condition(n.task, d.at)
	switch {
	case n.cycle:
		d.text(bars, d.paint.Warn(d.fit(bars, text+" ⟲ a ring: it waits for itself")))
		return
	case n.again:
		text += "; see above"
	case n.cut > 0:
		text += fmt.Sprintf("; and %d directly below it", n.cut)
	}
	d.text(bars, d.fit(bars, text))
}

// fit shortens a text to what is left of the line.
func (d *drawer) fit(bars, text string) string {
	if d.paint.Width == 0 {
		return text
	}
	return plain.Fit(text, max(d.paint.Width-plain.Width(bars), 10))
}

func (d *drawer) text(bars, text string) {
	d.out.WriteString(bars)
	d.out.WriteString(text)
	d.out.WriteByte('\n')
}

// condition is what a task does, for people.
func condition(t client.Task, at time.Time) string {
	parts := []string{listing.State(t)}
	if t.WaitsFor != "" {
		parts[0] += " for " + plain.Clean(t.WaitsFor)
	}
	if !t.Since.IsZero() {
		parts = append(parts, human.Brief(at.Sub(t.Since)))
	}
	return strings.Join(parts, ", ")
}
