// Package console shows what the loops of a program do: to a browser, to the commands of
// the terminal (asyncio ps, top, tree …) and to other programs.
//
//	server, err := console.Serve("127.0.0.1:8765")
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	log.Print(server.URL())
//
// A program that is not to be changed gets one by its environment: with
// ASYNCIO_CONSOLE=127.0.0.1:8765 the first Run of package asyncio turns it on. [Handler]
// is for programs that have a server already.
//
// # What it costs
//
// Nothing before it is turned on, and next to nothing while nobody looks. What is shown
// is asked of the loop between two steps, in slices of some ten microseconds, and is
// shared by all who look. Everything else happens on goroutines of the console.
//
// # A loop that does not answer
//
// One that owes an answer and has been in one step for a quarter of a second is blocked:
// the step computes, or waits for something that is not of asyncio. The console then
// shows what it knew before, says how old that is, and shows the stack of what runs. A
// loop that has much to do and goes from step to step is not blocked: it answers late.
//
// # Who may look
//
// A console is read-only. It listens on this machine alone, answers only to its own
// names and its own page, and wants a token, which is in [Server.URL]. It tells neither
// the environment nor the arguments of the program nor the addresses of its connections;
// but names of tasks, texts of errors and stacks are the program's own, and it tells
// those. docs/CONSOLE.md has the whole of it, and the HTTP interface.
package console
