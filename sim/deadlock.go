package sim

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/goasyncio/asyncio"
)

// deadlock describes who waits for what, held by whom, on all hosts.
func (w *World) deadlock(says string) error {
	var b strings.Builder
	for _, h := range w.hosts {
		if err := h.driver.foreign.Load(); err != nil {
			return *err // it has come while nobody looked
		}
		if h.state != off && h.ctx != nil {
			for _, c := range h.circles() {
				fmt.Fprintf(&b, "\ncycle: %s", c)
			}
		}
	}
	b.WriteString("\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "host\ttask\twaits for\theld by\tat")
	for _, h := range w.hosts {
		h.waits(table)
	}
	table.Flush() // a Builder never fails
	return fmt.Errorf("%w: %s%s", ErrDeadlock, says, strings.TrimRight(b.String(), "\n"))
}

// waits writes the host's lines of the table.
func (h *Host) waits(table *tabwriter.Writer) {
	switch {
	case h.state == off && h.index > 0:
		fmt.Fprintf(table, "%s\t-\tis off\t\n", h.name)
		return
	case h.paused:
		fmt.Fprintf(table, "%s\t-\tis paused: World.Resume lets it go on\t\n", h.name)
	case h.ctx == nil:
		return
	}
	tasks := h.infos()
	for _, t := range tasks {
		var holders []string
		for _, id := range t.Tasks {
			holders = append(holders, nameOf(tasks, id))
		}
		site := ""
		if h.world.trace != nil {
			site = h.world.trace.of(h, t.ID).stays.site
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", h.name, h.callName(t.ID), t.WaitsFor, strings.Join(holders, ", "), site)
	}
}

// infos are the tasks of the host's program.
func (h *Host) infos() (all []asyncio.TaskInfo) {
	for _, t := range asyncio.AllTasks(h.ctx) {
		i := t.Info()
		i.Name = h.callName(i.ID)
		all = append(all, i)
	}
	return all
}

func nameOf(tasks []asyncio.TaskInfo, id uint64) string {
	for _, t := range tasks {
		if t.ID == id {
			return t.Name
		}
	}
	return fmt.Sprintf("Task-%d, which has ended", id)
}

// circles are the tasks that wait for each other, each cycle in words and once.
func (h *Host) circles() (found []string) {
	tasks := h.infos()
	done := map[uint64]bool{}
	for _, t := range tasks {
		path := []uint64{}
		for next := t.ID; !done[next]; {
			if i := slices.Index(path, next); i >= 0 {
				found = append(found, circle(tasks, path[i:]))
				break
			}
			path = append(path, next)
			i := slices.IndexFunc(tasks, func(t asyncio.TaskInfo) bool { return t.ID == next })
			if i < 0 || len(tasks[i].Tasks) == 0 {
				break
			}
			next = tasks[i].Tasks[0]
		}
		for _, id := range path {
			done[id] = true
		}
	}
	return found
}

func circle(tasks []asyncio.TaskInfo, path []uint64) string {
	var b strings.Builder
	for _, id := range path {
		for _, t := range tasks {
			if t.ID == id {
				fmt.Fprintf(&b, "%s waits for %s -> ", t.Name, t.WaitsFor)
			}
		}
	}
	return b.String() + nameOf(tasks, path[0])
}
