package tape

import (
	"fmt"
	"io"
)

// A Summary is what [Check] has found in a recording.
type Summary struct {
	Header Header
	Events uint64
	Lost   uint64
	Steps  uint64
	Rounds uint64
	Made   uint64 // tasks that were made
	Left   int    // tasks that have not ended
	First  int64  // the times of the first and the last event
	Last   int64
	Ended  *End
}

// Check reads a recording and replays it. The first thing that cannot be is its error:
// of the form, or of what happens. fair says that no task has a priority, so that they
// run in the order in which they became ready.
func Check(from io.Reader, fair bool) (s Summary, err error) {
	r, err := NewReader(from)
	if err != nil {
		return s, err
	}
	s.Header = r.Header
	m := NewModel()
	m.Fair = fair
	for {
		b, err := r.Next()
		if err == io.EOF {
			s.Steps, s.Rounds, s.Left = m.Steps, m.Rounds, len(m.Tasks)
			return s, nil
		}
		if err == nil {
			err = s.add(m, b)
		}
		if err != nil {
			return s, err
		}
	}
}

func (s *Summary) add(m *Model, b *Batch) error {
	if b.Lost > 0 {
		s.Lost += b.Lost
		m.Gap(b.Lost)
	}
	for _, e := range b.Events {
		if s.Events == 0 {
			s.First = e.At
		}
		s.Events++
		if e.Kind == 0 {
			s.Made++
		}
		s.Last = e.At
		if err := m.Apply(e); err != nil {
			return fmt.Errorf("%w: event %d: %w", ErrFormat, s.Events, err)
		}
	}
	if b.Ended != nil {
		s.Ended = b.Ended
		if len(m.Tasks) > 0 && b.Ended.Error == "" && s.Lost == 0 {
			return fmt.Errorf("%w: the loop ends well with %d tasks that have not ended", ErrFormat, len(m.Tasks))
		}
	}
	return nil
}
