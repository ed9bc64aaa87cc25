package attach

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/client"
)

// The system accepts connections for a program that is stopped.
func TestAProgramThatIsStoppedIsGivenUp(t *testing.T) {
	before := patience
	patience = 20 * time.Millisecond
	defer func() { patience = before }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := &Program{Client: client.New(l.Addr().String(), "")}
	if err := p.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "has not answered within 20ms: is the program stopped?") {
		t.Errorf("%v", err)
	}
}
