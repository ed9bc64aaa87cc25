package driver

// sleeping is the driver for a system whose errors are not numbers: there are no
// sockets, and time and wake-ups are all there is to wait for.
type sleeping struct{ sleeper }

// New makes the driver for this system.
func New() (Driver, error) {
	s := new(sleeping)
	s.init()
	return s, nil
}

// Wait implements Driver.
func (s *sleeping) Wait(_ []Event, until Instant) (int, error) {
	s.sleep(until)
	return 0, nil
}

// Arm implements Driver.
func (s *sleeping) Arm(Handle, Mode) error { return errNoPoller }

// Watch implements Driver.
func (s *sleeping) Watch(Handle) error { return errNoPoller }

// Disarm implements Driver.
func (s *sleeping) Disarm(Handle) error { return nil }

// Network implements Driver.
func (s *sleeping) Network() Network { return refusing{} }

// Close implements Driver.
func (s *sleeping) Close() error { return nil }
