package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestMemoryIsMeasuredInAProcessOfItsOwn(t *testing.T) {
	w := choose(workloads(), "memory")[0]
	v, err := measureInChild(w, onGoroutines, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	if v < 2048 || v > 20_000 {
		t.Errorf("a parked goroutine takes %v B; its stack alone has 2,048", v)
	}
}

func TestAProcessIsNoChildWithoutTheVariable(t *testing.T) {
	var out bytes.Buffer
	if runChild(&out) || out.Len() > 0 {
		t.Errorf("took itself for a child and printed %q", out.String())
	}
}

func TestAChildRefusesWorkThatItDoesNotKnow(t *testing.T) {
	for _, job := range []string{"", "memory", "memory x 5", "nothing 0 5", "memory 3 5", "memory -1 5", "timeout 2 5", "memory 0 0"} {
		_, err := childMeasure(job)
		if err == nil || !strings.Contains(err.Error(), childEnv) {
			t.Errorf("job %q: %v", job, err)
		}
	}
}
