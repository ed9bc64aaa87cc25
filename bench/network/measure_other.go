//go:build !linux

package network

// Measure skips the row: the client and the cores are Linux's.
func (r Row) Measure(Plan) (Result, error) {
	return Result{Row: r, Conns: r.Conns, Skipped: ErrNotHere.Error()}, nil
}

// RunServer reports that this process is no server of a measurement.
func RunServer() bool { return false }
