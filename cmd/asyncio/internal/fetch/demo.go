package fetch

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
)

// demoSize is how long each file of the demo is: long enough for bars that move.
const demoSize = 3 << 20

// demoServers are the lesson's three servers, one of them slow, and how long each takes,
// in units of time.
var demoServers = []struct {
	name  string
	units float64
}{{"quick", 0.5}, {"slow", 3}, {"steady", 1}}

// demo is three HTTP servers of this process, each on a port of its own.
type demo struct{ servers []*demoServer }

type demoServer struct {
	http.Server
	name string
	took time.Duration
	addr string
}

// startDemo starts the servers on free ports of this machine. The slow one takes three
// units of time for its file.
func startDemo(unit time.Duration) (*demo, error) {
	d := &demo{}
	for _, s := range demoServers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			d.stop()
			return nil, fmt.Errorf("starting the server %q of the demo: %w", s.name, err)
		}
		server := &demoServer{name: s.name, took: time.Duration(s.units * float64(unit)), addr: l.Addr().String()}
		server.Handler = http.HandlerFunc(server.serve)
		d.servers = append(d.servers, server)
		// It ends when it is closed. Should it end before, its download says so.
		go server.Serve(l)
	}
	return d, nil
}

// serve sends the file in small pieces, spread over the time that the server takes.
func (s *demoServer) serve(w http.ResponseWriter, r *http.Request) {
	const pieces = 100
	piece := bytes.Repeat([]byte(s.name[:1]), demoSize/pieces)
	w.Header().Set("Content-Length", strconv.Itoa(pieces*len(piece)))
	tick := time.NewTicker(s.took / pieces)
	defer tick.Stop()
	for range pieces {
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
		if _, err := w.Write(piece); err != nil {
			return
		}
		http.NewResponseController(w).Flush()
	}
}

func (d *demo) addresses() (list []string) {
	for _, s := range d.servers {
		list = append(list, "http://"+s.addr+"/"+s.name+".bin")
	}
	return list
}

// intro says what is about to be seen.
func (d *demo) intro() string {
	var parts []string
	for _, s := range d.servers {
		parts = append(parts, fmt.Sprintf("%q takes %s", s.name, human.Seconds(s.took)))
	}
	return "Three servers on this machine: " + strings.Join(parts, ", ") +
		".\nAt once, the three files take as long as the slowest, not as long as the sum:\n"
}

// stop ends the servers and what they are sending.
func (d *demo) stop() {
	for _, s := range d.servers {
		s.Close()
	}
}
