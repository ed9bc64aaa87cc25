// Package report tells people what has happened in a simulated world: as a block of
// text where a schedule has failed, as a file from which it can be had again, and as a
// diagram of hosts and messages. It knows recordings alone, neither worlds nor loops.
package report
