package conformance

import (
	"errors"
	"strings"
	"testing"
)

// No case of the language makes the runtime panic, so the guard is tested alone.
func TestGuardMakesAnErrorOfAPanic(t *testing.T) {
	if err := guard(func() error { panic("broken") }); err == nil || !strings.Contains(err.Error(), "panic: broken") {
		t.Errorf("error %v, want the panic", err)
	}
	failed := errors.New("failed")
	if err := guard(func() error { return failed }); err != failed {
		t.Errorf("error %v, want the run's own", err)
	}
}
