package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestShellsCompleteTheChoicesOfAFlag(t *testing.T) {
	root := program(errors.New("the command was run"))
	work, _, err := root.Find([]string{"work"})
	if err != nil {
		t.Fatal(err)
	}
	Choices(work, "number", []string{"one", "two"})
	var out, errs bytes.Buffer
	root.SetOut(&out)
	if status := run(t.Context(), root, []string{"__complete", "work", "--number", ""}, &errs); status != 0 {
		t.Fatalf("exit status %d: %s", status, errs.String())
	}
	if !strings.HasPrefix(out.String(), "one\ntwo\n") {
		t.Errorf("they offer %q", out.String())
	}
}
