package sim_test

import "testing"

func TestABreakWithoutADebuggerSaysHowToHaveOne(t *testing.T) {
	recordings(t)
	found := listen(t, "TestLost", lost)
	t.Setenv("SIM_REPLAY", found.token(t))
	t.Setenv("SIM_BREAK", "5")
	l := listen(t, "TestLost", lost)
	l.wants(t,
		`there is none`,
		`SIM_SEED=1 SIM_REPLAY=u1:\S+ SIM_BREAK=5 dlv test github.com/goasyncio/asyncio/sim -- -test.run '\^TestLost\$'`,
		`the task of this step goes on at tell_test.go:\d+`,
		`x is 1, want 2`,
	)
	if l.hash(t) != found.hash(t) {
		t.Error("the replay is another one for it")
	}
}
