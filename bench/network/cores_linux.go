package network

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// cores are where the two sides of a measurement run.
type cores struct{ server, client int }

// onTwoCores calls f on a thread, and with all threads of this process, on the
// client's core.
func onTwoCores(f func(cores) error) error {
	runtime.LockOSThread() // also makes what is started here inherit the core of this thread
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("asking on which cores this process may run: %w", err)
	}
	c := choose(&before)
	defer pinAll(&before)
	if err := pinAll(only(c.client)); err != nil {
		return fmt.Errorf("taking a core for the client: %w", err)
	}
	return f(c)
}

// choose takes the first two cores of a set: the same one twice where there is no
// other.
func choose(set *unix.CPUSet) cores {
	var found []int
	for i := range len(set) * strconv.IntSize {
		if set.IsSet(i) {
			found = append(found, i)
		}
	}
	return cores{server: found[0], client: found[min(1, len(found)-1)]}
}

func only(core int) *unix.CPUSet {
	set := new(unix.CPUSet)
	set.Set(core)
	return set
}

// pinAll moves all threads of this process. One that has ended meanwhile is nobody's
// loss.
func pinAll(set *unix.CPUSet) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, _ := strconv.Atoi(t.Name())
		if err := unix.SchedSetaffinity(id, set); err != nil && err != unix.ESRCH {
			return err
		}
	}
	return nil
}

// startingOn calls start with this thread on another core, which a process that is
// started there inherits.
func startingOn(core int, back int, start func() error) error {
	if err := unix.SchedSetaffinity(0, only(core)); err != nil {
		return err
	}
	defer unix.SchedSetaffinity(0, only(back))
	return start()
}
