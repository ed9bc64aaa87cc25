// Package sim runs whole programs in a simulated world: hosts, the network between
// them, disks and clocks, with every order of events, and every fault, decided by a
// seed.
//
//	func TestTransfer(t *testing.T) {
//		sim.Check(t, func(w *sim.World) {
//			db := w.Host("db", runDB) // the same function that main uses
//			w.Host("api", runAPI)
//			w.Go("client", func(ctx context.Context) error { … })
//			asyncio.Sleep(w.Context(), time.Second)
//			w.Crash(db)
//			w.Restart(db)
//			w.Quiet()
//			w.Eventually(30*time.Second, "all are answered", answered)
//		})
//	}
//
// The program is the one of production: package aionet, timers, locks and queues find
// the simulated driver below them. Nothing is imported from elsewhere, translated, or
// built with a tag. A guide with a program and its bugs is in docs/SIMULATION.md.
//
// # Worlds
//
// [Check] runs the function in many worlds, the first of which is as production would
// be on a day without faults. In the others the next step is one of all that are
// possible, on whatever host, and each wait is a place where others come first. All
// that is open is a decision: what runs next, how long a packet takes, which fault
// strikes, and what the test itself asks for by [World.Int], [World.Chance] and
// [World.Duration]. In each, 0 is the mildest: the order of production, no fault, the
// least delay. The decisions of a world are its tape, and the same tape is the same
// world, step for step.
//
// [Run] runs one world, [Exhaust] all that there are for a small program, and [Fuzz]
// takes the tape from Go's fuzzer. Worlds run in parallel, so they must share nothing:
// no variable of a package, and none outside the function.
//
// # Hosts
//
// [World.Host] is a machine with a name and addresses that others can look up, a clock,
// a disk and a source of random numbers of its own. It runs a main on a loop. The
// function that is given the world is a task of the test's own host, and so are those
// of [World.Go]. A host's main that returns an error is a failure of the test.
//
// A program has of its host what it gets through its context: the network by packages
// aionet and aiohttp, files by [github.com/goasyncio/asyncio/aiofs.FromContext], the time by [github.com/goasyncio/asyncio.Now], random
// numbers by [github.com/goasyncio/asyncio.Rand].
//
// # Time
//
// A step takes no time. Only where no host has anything to do does time pass, at once,
// and then to the next thing that happens; [github.com/goasyncio/asyncio.ToThread] holds up the world. So an
// hour of waiting costs nothing, and nothing depends on how fast the machine is.
//
// # Faults
//
// Each world draws which kinds of faults it has and how often they strike, unless
// [WithFaults] or [World.SetFaults] say so: most kinds are off in a world, so that they
// do not hide what others would show. They are faults that real systems show. TCP
// delays, resets and times out, and never loses a byte; what was synced stays, unless
// corruption is asked for. Faults of hosts strike those that are [Mortal].
//
// A test does damage itself by [World.Crash], Kill, Pause, Partition, Clog and the like.
// [World.Quiet] ends all of it. [Sometimes] in a program is a rare branch that worlds
// take now and then, and production never does.
//
// # Checks
//
// [World.Errorf] and Fatalf fail a world. [World.Always] is a law that is looked at
// after every step; [World.Eventually] is what must come about within a time, after
// Quiet. A world fails too where a task panics, where an error or a panic is reported
// to a loop, where nothing can happen any more ([ErrDeadlock]), and where it does not
// end ([MaxSteps], [Limit]). [Reached] counts: a campaign tells with go test -v what
// happened how often, and what never did. Package sim/history judges whether the answers that
// clients got are linearizable.
//
// # Strategies
//
// The default, mix, takes the others in turn:
//
//	urw         a random walk, weighted by how many steps tasks have left
//	rw          a random walk
//	pos         random priorities, drawn anew for those that could have come as well
//	pct, pct2   random priorities with few places where they change
//	fifo        the order of production
//
// # Settings
//
// An option of the test is overridden by the environment, and that by a flag, which
// stands behind the package (go test ./x -sim.runs=1000):
//
//	SIM_SEED      -sim.seed      from which all decisions follow; 1
//	SIM_RUNS      -sim.runs      how many schedules; 200
//	SIM_FOR       -sim.for       for how long, such as 30s, instead of a number
//	SIM_STRATEGY  -sim.strategy  mix, urw, rw, pos, pct, pct2, fifo
//	SIM_REPLAY    -sim.replay    a schedule, as a failure prints it, or a recording's file
//	SIM_HTML      -sim.html      where to put a diagram of the failure: .html or .svg
//	SIM_CHECK     -sim.check     1: run each schedule twice and compare them step by step
//	SIM_BREAK     -sim.break     the step of a replay at which to stop for a debugger
//	SIM_DIR                      where recordings are kept; asyncio-sim in the system's folder for temporary files
//
// # A failure
//
// Check makes the first failure short: as near to the order of production, and with as
// few and mild faults, as it finds within some seconds. It prints seed, strategy and
// schedule; what has failed, when and where; the trace, with the place of each wait and
// a note at each decision that is not the mildest; how the nearest passing world goes
// on; and the command that replays it. A recording names what was decided by host, task
// and place, so that it can be replayed after an edit: SIM_REPLAY=FILE. Where it passes
// then, 200 schedules near to it are run as well.
//
// # Limits
//
// What happens between two waits is one piece: data races inside other libraries are
// for the race detector. A world repeats only what depends on it alone. Real files,
// sockets, clocks, goroutines and global randomness do not; "asyncio vet" finds most of
// that, and SIM_CHECK what is left. TLS works, with bytes that differ from run to run.
// That worlds pass proves nothing, except of Exhaust where it has seen everything.
package sim
