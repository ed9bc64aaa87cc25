package conformance

import (
	"context"
	"encoding/json"
)

// statement is an entry of the table: how many arguments the operation takes,
// and how it is made of them.
type statement struct {
	args  int
	parse func(p *parser, args []json.RawMessage) action
}

var statements map[string]statement

// init makes the table of the language. A plain initializer will not do: the
// statements with blocks in them refer back to it.
func init() {
	statements = map[string]statement{
		"log": {1, parseLog}, "sleep": {1, parseSleep},
		"call_soon": {1, parseCallSoon}, "call_later": {2, parseCallLater},
		"return": {1, parseReturn}, "raise": {1, parseRaise},
		"try": {2, parseTry}, "catch": {1, parseCatch}, "repeat": {2, parseRepeat},
		"timeout": {2, parseTimeout}, "group": {2, parseGroup},

		"spawn": {2, parseSpawn}, "cancel": {1, parseCancel}, "on_done": {1, parseOnDone},
		"await": {1, parseAwait}, "wait_for": {2, parseWaitFor}, "gather": {2, parseGather},
		"wait": {3, parseWait}, "as_completed": {1, parseAsCompleted},

		"lock": {2, parseLock}, "semaphore": {2, parseSemaphore},
		"event_wait": {1, parseEventWait}, "event_set": {1, parseEventSet}, "event_clear": {1, parseEventClear},
		"condition_wait": {1, parseConditionWait}, "condition_notify": {2, parseConditionNotify},
		"barrier": {1, parseBarrier}, "barrier_abort": {1, parseBarrierAbort},
		"await_future": {1, parseAwaitFuture}, "set_result": {2, parseSetResult}, "set_error": {2, parseSetError},

		"put": {2, parsePut}, "get": {1, parseGet},
		"put_nowait": {2, parsePutNowait}, "get_nowait": {1, parseGetNowait}, "shutdown": {2, parseShutdown},
	}
}

// at wraps what cannot wait and cannot fail.
func at(do func(a *actor)) action {
	return func(_ context.Context, a *actor) error {
		do(a)
		return nil
	}
}
