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
package sim
