// Package aioexec runs programs as child processes of a loop of package asyncio.
// It is package os/exec with waits that a context bounds and that hold up nobody:
//
//	out, err := aioexec.Command("git", "rev-parse", "HEAD").Output(ctx)
//
// # What becomes of a child
//
// [Cmd.Run], [Cmd.Output], [Cmd.CombinedOutput] and [Cmd.Communicate] start a child,
// wait for its end, and own it: if their context ends they ask the child to end, kill
// it where it does not within WaitDelay, and return after its end. [Cmd.Start] and
// [Cmd.Wait] are the parts: there a cancellation ends the wait and nothing else, as in
// asyncio, and [Cmd.Join] is the Wait that owns. A child that still runs at the end
// of the loop is ended like its tasks are. However a wait ends, each child is reaped
// once, at its end, and its status stays in the Cmd.
//
// # A conversation
//
// Pipes are streams on the loop: a task writes while another reads.
//
//	cmd := aioexec.Command("bc")
//	in, err := cmd.StdinPipe()
//	...
//	out, err := cmd.StdoutPipe()
//	...
//	if err := cmd.Start(ctx); err != nil {
//		return err
//	}
//	defer cmd.Join(ctx)
//	defer in.Close() // the end of its input, at which it ends
//	_, err = in.WriteContext(ctx, []byte("6*7\n"))
//	...
//	answer, err := aionet.NewReader(out, 0).ReadLine(ctx)
//
// # Output
//
// Files are given to the child as they are. What else it reads or writes is copied
// by tasks of the loop; or it is read and written by yours, through [Cmd.StdoutPipe]
// and its like. Collected output has a bound, MaxOutput.
//
// # Systems
//
// On Linux the end of a child comes through a pidfd in the loop's own poller; on
// other systems, and where the kernel has none, a thread waits for each child. Pipes
// are read and written by the poller where it can, as on all Unix systems, and by
// threads where not, as on Windows. There, Terminate is Kill and there are no groups.
//
// A child takes real time. Under the virtual clock of package asynciotest time stands
// still while one runs; WaitDelay is real time always.
package aioexec
