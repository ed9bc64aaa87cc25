//go:build plan9 || js || wasip1

package acceptor

// passingErrnos are none: what passes says so by Temporary.
var passingErrnos []error
