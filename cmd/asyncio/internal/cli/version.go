package cli

import "runtime/debug"

// Version is the version of the build as the Go toolchain stamped it: a tag, a
// pseudo-version with the commit, or "(devel)" for go run.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
