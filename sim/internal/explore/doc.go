// Package explore decides what happens next in a simulated world, and remembers it.
//
// Whatever a world leaves open is asked of one [Chooser]: which of the tasks that
// could go on does so ([Chooser.Step]), and what the environment does to them
// ([Chooser.Draw]): a latency, a loss, a fault, a crash. The answers are the [Tape],
// and the tape is everything: it replays the schedule ([Chooser.Replay]), it is what
// [Shrink] makes small, what [Exhaust] counts through, and what Go's fuzzer mutates
// ([FromBytes]). On every tape 0 is the mildest answer: the order of production, no
// fault, the least latency. So a tape of zeros is a plain test, and what differs from
// zero is the story of the failure.
//
// # Delays
//
// A pick of i > 0 lets the alternative i run and delays the i before it: they stand
// behind all others until they are picked, or until nothing else can run. So "w0 is
// held back while w1 takes twelve steps" is one pick that is not 0 and not twelve,
// and the tapes of failures become short. The order among the delayed, and among the
// others, is that of production. Delays do not restrict anything: at each step the
// picks and the alternatives correspond one to one.
//
// # Determinism
//
// What a strategy decides in schedule k of a campaign follows from the seed, from k,
// and from what was learnt of earlier schedules: how many steps tasks take. Because
// of the latter a schedule cannot be had again from its seed and number alone; it can
// from its tape alone. Learning is by a task's class, never by its order in a map or
// its address, and all arithmetic that decides anything is done with integers, so
// that campaigns are equal on all architectures.
//
// The package knows neither loops nor networks. A Chooser is for one goroutine at a
// time; there is nothing global.
package explore
