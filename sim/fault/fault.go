// Package fault has what can go wrong in a simulated world, and how much of it. Times
// that are 0 have usual values; rates and periods that are 0 mean never.
package fault

import "time"

// A Delay is a distribution of times: at least Min, more by an exponential part of the
// mean Mean, and once in a while, with probability Rare, by up to Tail.
type Delay struct {
	Min, Mean, Tail time.Duration
	Rare            float64
}

// Network is what goes wrong between hosts. Rates are probabilities from 0 to 1. The
// zero value is a network in which nothing does, with a small fixed latency.
// The way of a host to itself has none of those that are about packets.
type Network struct {
	// Latency is how long a packet takes. Where all of it is 0 that is 100 µs.
	Latency Delay
	// Bandwidth is how many bytes a link takes in a second; 0 is no limit.
	Bandwidth int64
	// Loss is of a packet. UDP loses it; TCP sends it again after 200 ms, then 400 ms…
	Loss float64
	// Retries is how often TCP sends a packet again before it gives the connection up
	// with ETIMEDOUT; 0 is 15, which is a quarter of an hour.
	Retries int
	// Duplicate and Reorder are of a UDP datagram; one that is late is late by Late.
	Duplicate float64
	Reorder   float64
	Late      Delay

	// Reset is that a packet finds its connection broken: at one end first, while the
	// other learns of it later, or when it sends something.
	Reset float64
	// Refuse and BlackHole are of an attempt to connect, whoever listens.
	Refuse    float64
	BlackHole float64

	// Clog is that a packet finds its link stopped, for a time of ClogFor; then all of it
	// goes on. Swizzle is the same for half of the hosts: their links stop one after the
	// other, and go on in another order.
	Clog    float64
	Swizzle float64
	ClogFor Delay
	// Partition is that a packet finds the hosts divided in two groups, for a time of
	// PartitionFor. A share of OneWay of them is in one direction only.
	Partition    float64
	OneWay       float64
	PartitionFor Delay

	// ShortRead and ShortWrite are of a call that moves less than it could.
	ShortRead  float64
	ShortWrite float64
	// SmallBuffers is of a new socket, whose buffers are a few bytes to a few KiB.
	SmallBuffers float64
	// NoDescriptor is EMFILE of Socket and Accept.
	NoDescriptor float64
	// Aborted is ECONNABORTED of Accept.
	Aborted float64

	// LookupFail is of a name that is there and is not found; LookupSlow is of one that
	// takes a time of LookupFor.
	LookupFail float64
	LookupSlow float64
	LookupFor  Delay
}

// Disk is what goes wrong with the disks. Rates are per call, from 0 to 1; zero is
// never.
type Disk struct {
	Slow       time.Duration // each call may take up to so much longer
	Stall      float64       // a sync holds up the disk
	StallTime  time.Duration // for up to so long
	ReadError  float64       // a read fails with EIO
	WriteError float64       // a write fails with EIO, when a part of it is in the file
	SyncError  float64       // a sync fails with EIO, and what it was to write is lost
	NameError  float64       // a call that takes a name fails with EIO
	Full       float64       // a write or a creation fails with ENOSPC
	Capacity   int64         // bytes that fit on the disk; 0 is no limit
	EarlySync  float64       // a change goes to the disk at once, without a sync
	Corrupt    float64       // a read finds that a bit has been flipped for good
	Misdirect  float64       // a write goes to another place on the disk; the cache has it right
	Journal    bool          // any sync brings all entries of folders, and a crash keeps them in order
}

// Hosts is what goes wrong with the hosts that were made with sim.Mortal.
type Hosts struct {
	// Crashes is how many steps of its program a host takes on average until it loses
	// power, or its program is killed; 0 is never.
	Crashes int
	// Down is how long it is off then: up to so long.
	Down time.Duration
	// Pauses is how many steps it takes on average until it stands still for a time.
	Pauses int
	// Still is how long: up to so long.
	Still time.Duration
	// Skew is how far its time of day may be off, in either direction.
	Skew time.Duration
	// Drift is by how many parts per million its clocks may go wrong.
	Drift int
	// Jumps is how many steps it takes on average until its time of day is set, to
	// another skew. A program sees that when it starts again: the clock of a loop goes
	// on steadily, as the system's monotonic one does.
	Jumps int
}
