package discovery

import (
	"bytes"
	"fmt"
	"os"
)

// identity tells a process from all others that have had or will have its number: by the
// boot of the system, and when the process was started since then. It is "" where that is
// not told.
func identity(pid int) string {
	boot, err1 := os.ReadFile("/proc/sys/kernel/random/boot_id")
	stat, err2 := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	// The second field is the name, in brackets, and may contain anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if err1 != nil || err2 != nil || len(fields) < 20 {
		return ""
	}
	return fmt.Sprintf("%s %s", bytes.TrimSpace(boot), fields[19]) // the 22nd of all
}
