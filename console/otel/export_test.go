package otel

// SetMaxStrings changes when the recording of a loop is begun anew, until restore.
func SetMaxStrings(n int) (restore func()) {
	old := maxStrings
	maxStrings = n
	return func() { maxStrings = old }
}
