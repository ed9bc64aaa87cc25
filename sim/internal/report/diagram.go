package report

import (
	"slices"
	"strings"
	"time"
)

// A diagram is a log laid out in rows, one for each line of its trace, below each other,
// and a column for each host.
type diagram struct {
	log     *Log
	notes   map[int]string
	hosts   []string
	rows    []row
	arrows  []arrow
	spans   []period
	dropped int // lines of the trace that are not shown
}

// row is a line of the trace in the diagram.
type row struct {
	line
	at    time.Duration
	host  int // its column; -1: the world's
	peer  int // of an event between two hosts; -1: there is none
	title string
	note  string
	gap   bool // lines are left out above
}

// arrow is a packet on its way from one row to another.
type arrow struct {
	from, to  int // rows; to is -1 where it has not come yet
	a, b      int // hosts
	label     string
	lost, bad bool // it will never come; it is the end of a connection
}

// period is what lasts: a host that is off or stands still, a partition.
type period struct {
	kind     string
	from, to int // rows
	a, b     int // hosts; b is -1 where it is of one
	label    string
}

// maxRows bounds a diagram: nobody looks at more. What is left out is in the middle.
const maxRows = 1500

// layOut lays a log out.
func layOut(log *Log, notes map[int]string) *diagram {
	d := &diagram{log: log, notes: notes, hosts: slices.Clone(log.Hosts)}
	all := lines(log.Entries)
	cut := -1
	if n := len(all); n > maxRows {
		cut = maxRows / 3
		d.dropped = n - maxRows
		all = slices.Delete(slices.Clone(all), cut, cut+d.dropped)
	}
	for i, l := range all {
		d.addRow(l, i == cut)
	}
	d.connect()
	d.last()
	return d
}

func (d *diagram) column(host string) int {
	if host == "" {
		return -1
	}
	i := slices.Index(d.hosts, host)
	if i < 0 {
		i = len(d.hosts)
		d.hosts = append(d.hosts, host)
	}
	return i
}

func (d *diagram) addRow(l line, gap bool) {
	e := l.first
	r := row{line: l, at: e.At, host: d.column(e.Host), peer: d.column(e.Peer), title: l.what(), gap: gap}
	if e.Choice > 0 {
		r.note = d.notes[e.Choice]
	}
	d.rows = append(d.rows, r)
}

// connect finds the arrows and the periods.
func (d *diagram) connect() {
	packets := map[uint64]int{} // arrows that are under way
	open := map[period]int{}
	for i := range d.rows {
		r := &d.rows[i]
		e := r.first
		if e.Kind != Event {
			continue
		}
		switch e.Event {
		case "sent":
			packets[e.ID] = len(d.arrows)
			d.arrows = append(d.arrows, arrow{from: i, to: -1, a: r.host, b: r.peer, label: e.What, bad: e.What == "reset"})
		case "delivered", "dropped":
			if k, ok := packets[e.ID]; ok && e.ID > 0 {
				d.arrows[k].to, d.arrows[k].lost = i, e.Event == "dropped"
				delete(packets, e.ID)
			}
		default:
			d.lasts(r, i, open)
		}
	}
	for i := range d.arrows {
		if d.arrows[i].to < 0 {
			d.arrows[i].to = len(d.rows) // it was under way at the end
		}
	}
}

// lasts begins and ends periods.
func (d *diagram) lasts(r *row, i int, open map[period]int) {
	key := period{a: r.host, b: -1}
	begin := func(kind, label string) {
		key.kind = kind
		if _, ok := open[key]; !ok {
			open[key] = len(d.spans)
			d.spans = append(d.spans, period{kind: kind, from: i, to: -1, a: key.a, b: key.b, label: label})
		}
	}
	end := func(kind string) {
		key.kind = kind
		if k, ok := open[key]; ok {
			d.spans[k].to = i
			delete(open, key)
		}
	}
	switch r.first.Event {
	case "crashed":
		end("paused")
		begin("off", "off")
	case "restarted":
		end("off")
	case "paused":
		begin("paused", "stands still")
	case "resumed":
		end("paused")
	case "partition":
		key.b = r.peer
		begin("cut", "partition")
	case "healed":
		key.b = r.peer
		end("cut")
	}
}

// last lets what has no end last until that of the diagram.
func (d *diagram) last() {
	for i := range d.spans {
		if d.spans[i].to < 0 {
			d.spans[i].to = len(d.rows)
		}
	}
}

// description is the diagram for those who do not see it.
func (d *diagram) description() string {
	text := "Time goes downwards. The hosts are " + strings.Join(d.hosts, ", ") + "."
	if d.log.Failure.Error != "" {
		text += " It ends with the failure: " + d.log.Failure.Error
	}
	return text
}
