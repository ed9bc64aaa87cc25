// Package maporder ranges over maps.
package maporder

import (
	"context"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/goasyncio/asyncio"
)

type peer struct {
	queue  *asyncio.Queue[int]
	event  *asyncio.Event
	cancel context.CancelFunc
	send   func(ctx context.Context, n int) error
}

func Waits(ctx context.Context, peers map[string]*peer) error {
	for _, p := range peers { // want `the order of the map peers differs from run to run, and here it decides who waits first, in p.queue.Put: range over sorted keys, such as slices.Sorted\(maps.Keys\(m\)\) \[maporder\]`
		if err := p.queue.Put(ctx, 1); err != nil {
			return err
		}
	}
	return nil
}

func WaitsBehindAFunctionValue(ctx context.Context, peers map[string]*peer) error {
	for _, p := range peers { // want `who waits first, in p.send`
		p.send(ctx, 1)
	}
	return asyncio.Checkpoint(ctx)
}

func WaitsInAnIterator(ctx context.Context, peers map[string]*peer) error {
	for p := range maps.Values(peers) { // want `the order of maps.Values\(peers\) differs`
		p.queue.Put(ctx, 1)
	}
	return nil
}

func Schedules(ctx context.Context, peers map[string]*peer) {
	for _, p := range peers { // want `who runs first, by p.queue.TryPut`
		p.queue.TryPut(1)
	}
	for _, p := range peers { // want `who runs first, by p.event.Set`
		p.event.Set()
	}
	for _, p := range peers { // want `who is cancelled first, by p.cancel`
		p.cancel()
	}
	for name := range peers { // want `who waits first|who runs first, by asyncio.Go`
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, 1) }, asyncio.TaskName(name))
	}
}

func SortedFirst(ctx context.Context, peers map[string]*peer) {
	for _, name := range slices.Sorted(maps.Keys(peers)) {
		peers[name].queue.Put(ctx, 1)
	}
}

func OnlyCounts(ctx context.Context, peers map[string]*peer) (n int) {
	for _, p := range peers {
		n += p.queue.Len()
	}
	for name, p := range peers {
		if p == nil {
			delete(peers, name)
		}
	}
	asyncio.Checkpoint(ctx)
	return n
}

type book struct{ names []string }

func Collects(ctx context.Context, peers map[string]*peer) ([]string, error) {
	var names []string
	for name := range peers { // want `the order of names, which is not sorted afterwards`
		names = append(names, name)
	}
	var b book
	for name := range peers { // want `the order of b.names, which is not sorted afterwards`
		b.names = append(b.names, name)
	}
	return names, asyncio.Checkpoint(ctx)
}

func CollectsAndSorts(ctx context.Context, peers map[string]*peer) ([]string, error) {
	var names, more, most []string
	for name := range peers {
		names = append(names, name)
	}
	slices.Sort(names)
	for name := range peers {
		more = append(more, name)
	}
	sort.Slice(more, func(i, j int) bool { return more[i] < more[j] })
	for name := range peers {
		most = append(most, name)
	}
	sortByLength(most)
	return names, asyncio.Checkpoint(ctx)
}

type byLength struct{ names []string }

func (b *byLength) Len() int           { return len(b.names) }
func (b *byLength) Less(i, j int) bool { return len(b.names[i]) < len(b.names[j]) }
func (b *byLength) Swap(i, j int)      { b.names[i], b.names[j] = b.names[j], b.names[i] }

func SortsWhatHoldsIt(ctx context.Context, peers map[string]*peer) error {
	var names []string
	for name := range peers {
		names = append(names, name)
	}
	var b byLength
	b.names = names
	sort.Sort(&b)
	return asyncio.Checkpoint(ctx)
}

func sortByLength([]string) {}

func PerKey(ctx context.Context, in map[string][]int) (map[string][]int, error) {
	out := map[string][]int{}
	for k, v := range in {
		out[k] = append(out[k], v...)
	}
	for k, v := range in {
		var local []int
		local = append(local, v...)
		out[k] = local
	}
	return out, asyncio.Checkpoint(ctx)
}

func TakesOne(ctx context.Context, idle map[string]*peer) (*peer, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return nil, err
	}
	for name, p := range idle { // want `which entry is taken, since the body ends the loop in its first turn`
		delete(idle, name)
		return p, nil
	}
	return nil, nil
}

func Finds(ctx context.Context, idle map[string]*peer) (*peer, error) {
	for range idle {
		return nil, nil // there is one
	}
	for _, p := range idle {
		if p.queue == nil {
			continue
		}
		break
	}
	for name, p := range idle {
		if name == "me" {
			return p, asyncio.Checkpoint(ctx)
		}
	}
	return nil, nil
}

func Keys(ctx context.Context, m map[string]int, v reflect.Value) error {
	all := slices.Collect(maps.Keys(m)) // want `the order of maps.Keys\(m\) differs from run to run, and nobody sorts it`
	fmt.Println(all)
	sorted := slices.Collect(maps.Keys(m))
	slices.Sort(sorted)
	n := len(slices.Collect(maps.Keys(m)))
	copied := maps.Collect(maps.All(m))
	keys := v.MapKeys()                  // want `the order of v.MapKeys\(\) differs`
	for it := v.MapRange(); it.Next(); { // want `the order of the iterator it differs from run to run, and here it decides the order of keys, which is not sorted afterwards`
		keys = append(keys, it.Key())
	}
	for it := v.MapRange(); it.Next(); {
		n++
	}
	ordered := v.MapKeys()
	slices.SortFunc(ordered, func(a, b reflect.Value) int { return 0 })
	fmt.Println(n, copied, keys)
	return asyncio.Checkpoint(ctx)
}

func OffTheLoop(m map[string]int) (all []string) {
	for name := range m {
		all = append(all, name)
	}
	return all
}

func Writes(ctx context.Context, m map[string]float64, b *strings.Builder, w io.Writer) error {
	for name := range m { // want `here it decides the order of what b.WriteString writes`
		b.WriteString(name)
	}
	for name := range m { // want `the order of what fmt.Fprintln writes`
		fmt.Fprintln(w, name)
	}
	for name := range m { // want `the order of what fmt.Println writes`
		fmt.Println(name)
	}
	text, sum, n := "", 0.0, 0
	for name := range m { // want `what is in text`
		text += name
	}
	for _, v := range m { // want `what is in sum`
		sum += v // it rounds
	}
	sums := map[string]string{}
	for name := range m {
		n += len(name)
		sums[name] += name
		var own strings.Builder
		own.WriteString(name)
		fmt.Fprint(&own, name)
	}
	fmt.Println(text, sum, n)
	return asyncio.Checkpoint(ctx)
}

func SyncMap(ctx context.Context, m *sync.Map, q *asyncio.Queue[any]) error {
	m.Range(func(k, v any) bool { // want `the order of m.Range differs from run to run, and here it decides who runs first, by q.TryPut`
		q.TryPut(k)
		return true
	})
	for k := range m.Range { // want `the order of m.Range`
		q.TryPut(k)
	}
	n := 0
	m.Range(func(k, v any) bool {
		n++
		return true
	})
	return asyncio.Checkpoint(ctx)
}
