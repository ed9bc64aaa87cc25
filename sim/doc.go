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
// built with a tag. [Check] runs the function in many worlds, the first of which is as
// production would be on a day without faults. In the others the next step is one of
// all that are possible, on whatever host, and each wait is a place where others come
// first. Time passes only where nothing else can happen.
//
// # Failures
//
// A failure is made short and printed as one block: the trace with the time, the host, the
// task and the places of each step; what the nearest passing run does otherwise; in a
// deadlock who waits for what; and a command line that replays it. These variables of the
// environment, or the flags in brackets, ask for more:
//
//	SIM_SEED, SIM_RUNS, SIM_FOR, SIM_STRATEGY  what a campaign runs [-sim.seed …]
//	SIM_REPLAY=u1:… or @file   run one schedule again: exactly, or by the labels of its
//	                           recording, after the program has changed; where it passes
//	                           its neighbours are run [-sim.replay]
//	SIM_SHRINK=1m              how long to make a failure smaller [-sim.shrink]
//	SIM_HTML=file              draw hosts, steps and packets [-sim.html]
//	SIM_BREAK=12               stop before that step under a debugger [-sim.break]
//	SIM_CHECK=1                run each schedule twice and compare [-sim.check]
//	SIM_DIR=directory          where recordings go
package sim
