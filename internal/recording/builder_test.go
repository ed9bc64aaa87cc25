package recording

import (
	"reflect"
	"testing"
	"time"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// at is a moment, in milliseconds after the epoch.
func at(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func newBuilder() *builder { return &builder{limit: 1000} }

// checkSpans compares what a task of the recording did.
func checkSpans(t *testing.T, r Recording, lane int, want ...Span) {
	t.Helper()
	if lane >= len(r.Lanes) {
		t.Fatalf("%d lanes, want more than %d", len(r.Lanes), lane)
	}
	if got := r.Lanes[lane].Spans; !reflect.DeepEqual(got, want) {
		t.Errorf("%s: spans are\n%v, want\n%v", r.Lanes[lane].Name, got, want)
	}
}

func TestATaskThatSleeps(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(10), 1, "A")
	b.taskParked(at(12), 1, "A", "sleep")
	b.stepEnd(at(13), 1, "A")
	b.taskWoken(at(100), 1, "A")
	b.stepBegin(at(101), 1, "A")
	b.taskDone(at(102), 1, "A")
	b.stepEnd(at(102), 1, "A")

	r := b.recording()
	checkSpans(t, r, 0,
		Span{State: Ready, Begin: ms(0), End: ms(10)},
		Span{State: Running, Begin: ms(10), End: ms(13)},
		Span{State: Waiting, Begin: ms(13), End: ms(100), On: "sleep"},
		Span{State: Ready, Begin: ms(100), End: ms(101)},
		Span{State: Running, Begin: ms(101), End: ms(102)},
	)
	if !r.Lanes[0].Done || r.Length != ms(102) || !r.Start.Equal(at(0)) {
		t.Errorf("done %v, length %v, start %v", r.Lanes[0].Done, r.Length, r.Start)
	}
}

func TestTheWaitIsTheSameWhereTheStepEndsBeforeTheParking(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(0), 1, "A")
	b.stepEnd(at(5), 1, "A")
	b.taskParked(at(5), 1, "A", "lock")
	b.taskWoken(at(50), 1, "A")
	checkSpans(t, b.recording(), 0,
		Span{State: Running, Begin: ms(0), End: ms(5)},
		Span{State: Waiting, Begin: ms(5), End: ms(50), On: "lock"},
	)
}

func TestATaskThatYieldsIsReadyAgain(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(0), 1, "A")
	b.stepEnd(at(5), 1, "A")
	b.stepBegin(at(8), 1, "A")
	b.taskDone(at(9), 1, "A")
	checkSpans(t, b.recording(), 0,
		Span{State: Running, Begin: ms(0), End: ms(5)},
		Span{State: Ready, Begin: ms(5), End: ms(8)},
		Span{State: Running, Begin: ms(8), End: ms(9)},
	)
}

func TestAStepEndsTheWaitAlsoWhereNoWakeWasSeen(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(0), 1, "A")
	b.taskParked(at(0), 1, "A", "thread")
	b.stepEnd(at(1), 1, "A")
	b.stepBegin(at(5), 1, "A")
	b.stepEnd(at(6), 1, "A") // yields
	b.stepBegin(at(9), 1, "A")
	checkSpans(t, b.recording(), 0,
		Span{State: Running, Begin: ms(0), End: ms(1)},
		Span{State: Waiting, Begin: ms(1), End: ms(5), On: "thread"},
		Span{State: Running, Begin: ms(5), End: ms(6)},
		Span{State: Ready, Begin: ms(6), End: ms(9)},
	)
}

func TestARunWithoutLengthIsKeptAndOtherSpansAreNot(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(0), 1, "A") // no time as ready
	b.taskParked(at(0), 1, "A", "queue")
	b.stepEnd(at(0), 1, "A")
	b.taskWoken(at(0), 1, "A") // no time as waiting
	b.stepBegin(at(0), 1, "A")
	b.taskDone(at(0), 1, "A")
	checkSpans(t, b.recording(), 0,
		Span{State: Running}, Span{State: Running})
}

func TestWhatIsOpenEndsWithTheRecording(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.created(at(0), 2, "B")
	b.stepBegin(at(0), 1, "A")
	b.taskParked(at(0), 1, "A", "event")
	b.stepEnd(at(0), 1, "A")
	b.stepBegin(at(40), 2, "B")
	r := b.recording()
	checkSpans(t, r, 0,
		Span{State: Running},
		Span{State: Waiting, Begin: 0, End: ms(40), On: "event"})
	checkSpans(t, r, 1, Span{State: Ready, Begin: 0, End: ms(40)})
	if r.Lanes[0].Done {
		t.Error("a task that waits is said to be done")
	}
	b.taskWoken(at(50), 1, "A")
	checkSpans(t, r, 1, Span{State: Ready, Begin: 0, End: ms(40)}) // a recording is a copy
}

func TestATaskFromBeforeTheRecordingAppearsAtItsFirstEvent(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(20), 7, "old")
	b.taskDone(at(30), 7, "old")
	checkSpans(t, b.recording(), 1, Span{State: Running, Begin: ms(20), End: ms(30)})
}

func TestTheLastNameOfATaskCounts(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "Task-1")
	b.stepBegin(at(1), 1, "worker")
	b.stepEnd(at(2), 1, "")
	if name := b.recording().Lanes[0].Name; name != "worker" {
		t.Errorf("the lane is called %q", name)
	}
}

func TestEventsAfterTheEndOfATaskChangeNothing(t *testing.T) {
	b := newBuilder()
	b.created(at(0), 1, "A")
	b.stepBegin(at(0), 1, "A")
	b.taskDone(at(5), 1, "A")
	b.stepEnd(at(6), 1, "A")
	b.taskWoken(at(7), 1, "A")
	b.taskParked(at(8), 1, "A", "x")
	b.stepBegin(at(9), 1, "A")
	b.taskDone(at(10), 1, "A")
	checkSpans(t, b.recording(), 0, Span{State: Running, Begin: 0, End: ms(5)})
}

func TestTimeDoesNotRunBackwards(t *testing.T) {
	b := newBuilder()
	b.created(at(10), 1, "A")
	b.stepBegin(at(30), 1, "A")
	b.stepEnd(at(20), 1, "A")
	checkSpans(t, b.recording(), 0,
		Span{State: Ready, Begin: 0, End: ms(20)},
		Span{State: Running, Begin: ms(20), End: ms(20)})
}

func TestAFullRecordingSaysHowMuchIsMissing(t *testing.T) {
	b := &builder{limit: 2} // a lane and a span
	b.created(at(0), 1, "A")
	b.stepBegin(at(10), 1, "A") // keeps the Ready span
	b.stepEnd(at(20), 1, "A")   // drops the Running span
	b.created(at(20), 2, "B")   // drops the lane
	r := b.recording()
	if len(r.Lanes) != 1 || r.Dropped != 2 || r.Length != ms(20) {
		t.Errorf("%d lanes, %d dropped, length %v; want 1, 2 and 20ms", len(r.Lanes), r.Dropped, r.Length)
	}
}

func TestAnEmptyRecordingHasNoLength(t *testing.T) {
	if r := newBuilder().recording(); r.Length != 0 || len(r.Lanes) != 0 {
		t.Errorf("recording is %+v", r)
	}
}
