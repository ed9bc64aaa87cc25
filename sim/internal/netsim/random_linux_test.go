//go:build linux && !asyncio_portable

package netsim_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A scene is sockets at random: both networks get the same calls.
type scene struct {
	*play
	r    *rand.Rand
	fds  []int
	dest []driver.Addr // where somebody may be
	made int
}

func (s *scene) pick() int {
	if len(s.fds) == 0 {
		return -1
	}
	return s.fds[s.r.IntN(len(s.fds))]
}

// kinds of a scene: those that can talk to each other.
var scenes = map[string][]driver.Kind{
	"tcp": {tcp}, "udp": {udp}, "unix": {unix}, "unixgram": {unixgram}, "packets": {packets},
}

func (s *scene) keep(fd int) {
	if fd >= 0 {
		s.fds = append(s.fds, fd)
	}
}

// act makes one call and notes what it says.
func (s *scene) act(kinds []driver.Kind) {
	k := kinds[s.r.IntN(len(kinds))]
	n, m := s.r.IntN(20), s.r.IntN(1000)
	fd := s.pick()
	if fd < 0 || len(s.fds) < 3 && n < 4 {
		n = 0
	}
	what := fmt.Sprintf("%d of %d", n, len(s.fds))
	s.note("of socket", slices.Index(s.fds, fd))
	switch n {
	case 0, 1:
		s.keep(s.socket(k))
	case 2:
		s.bindAny(k, fd)
	case 3:
		s.note(what+" listen", s.Listen(fd, m%3))
	case 4, 5, 6:
		s.connect(k, fd, m)
	case 7, 8:
		s.keep(s.accept(fd))
	case 9, 10, 11:
		s.send(fd, strings.Repeat("x", m%50))
	case 12, 13, 14:
		s.read(fd, 1+m%60)
	case 15:
		if _, err := s.PeerAddr(fd); err == nil || k != tcp {
			s.shut(fd, driver.How(m%3)) // else it has effects that nobody wants: see the situations
		}
	case 16:
		s.note(what+" error", s.SocketError(fd))
	case 17:
		s.peer(fd)
	case 18:
		s.lingerOff(k, fd, m)
	case 19:
		s.drop(fd)
	}
	s.settle()
	if fd = s.pick(); fd >= 0 {
		s.note("of socket", slices.Index(s.fds, fd))
		s.events(fd)
	}
}

// connect is to somebody, but not to itself: that TCP can do as well, where it is simulated
// as a connection to nobody.
func (s *scene) connect(k driver.Kind, fd, m int) {
	if len(s.dest) == 0 || k == tcp && s.local(fd) == s.dest[m%len(s.dest)] {
		return
	}
	s.note("connect", s.Connect(fd, s.dest[m%len(s.dest)]))
}

// bindAny binds to a fresh address, and remembers it.
func (s *scene) bindAny(k driver.Kind, fd int) {
	a := loopbackOf(k)
	if k.Family == driver.Unix {
		s.made++
		a = s.path(fmt.Sprint("s", s.made))
	}
	err := s.Bind(fd, a)
	s.note("bind", err)
	if err == nil {
		s.dest = append(s.dest, s.local(fd))
	}
}

func (s *scene) lingerOff(k driver.Kind, fd, m int) {
	if k == tcp && m%2 == 0 {
		s.set(fd, driver.Linger, 0)
	}
}

func (s *scene) drop(fd int) {
	for i, o := range s.fds {
		if o == fd {
			s.fds = append(s.fds[:i:i], s.fds[i+1:]...)
			break
		}
	}
	if a, err := s.LocalAddr(fd); err == nil && a.Unix {
		defer os.Remove(a.Name) // a simulated name goes with its socket
	}
	s.close(fd)
}

func TestRandomCallsSayWhatLinuxSays(t *testing.T) {
	runs := 6
	if testing.Short() {
		runs = 2
	}
	for name, kinds := range scenes {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(runs) {
				compare(t, fmt.Sprint("seed ", seed), func(p *play) {
					s := &scene{play: p, r: rand.New(rand.NewPCG(seed, 3))}
					for range 40 {
						s.act(kinds)
					}
				})
			}
		})
	}
}
