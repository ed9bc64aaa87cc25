package client

import (
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// What a loop knows of itself, as the runtime counts it.
type (
	// Stats are the numbers of a loop.
	Stats = monitor.Stats
	// Histogram counts durations by powers of two.
	Histogram = monitor.Histogram
	// Frame is one function of a stack.
	Frame = monitor.Frame
	// Site is a place in a program.
	Site = monitor.Site
	// Timer is something that a loop will do at a time.
	Timer = monitor.Timer
	// Descriptor is one that a loop watches.
	Descriptor = monitor.Descriptor
	// Thread is a call of ToThread that has not come back.
	Thread = monitor.Thread
	// Resource is a lock, a queue or the like.
	Resource = monitor.Resource
	// Failure is an error that nobody has looked at.
	Failure = monitor.Failure
)

// What a console answers.
type (
	// Program is a process with a console.
	Program = wire.Program
	// Loop is a loop of a process: one that runs, or one of the last that have ended.
	Loop = wire.Loop
	// Task is a task that has not ended, with what the console has seen of it.
	Task = wire.Task
	// Tasks is a page of tasks.
	Tasks = wire.Tasks
	// Detail is everything that is known of one task.
	Detail = wire.Detail
	// Relative is a task as another one sees it.
	Relative = wire.Relative
	// Node is a task in a tree.
	Node = wire.Node
	// Tree is who has started whom.
	Tree = wire.Tree
	// Edge says that one task waits for another.
	Edge = wire.Edge
	// Graph is who waits for whom.
	Graph = wire.Graph
	// Histograms are how late timers were and how long steps took.
	Histograms = wire.Histograms
	// Warning is something that a person should look at.
	Warning = wire.Warning
	// Now is the numbers of a loop at a moment.
	Now = wire.Now
)

// The states of a loop.
const (
	Running = wire.Running // something runs, or is ready to
	Asleep  = wire.Asleep  // it waits for events or for time to pass
	Blocked = wire.Blocked // it owes an answer and has been in one step for a quarter of a second
	Ended   = wire.Ended
)
