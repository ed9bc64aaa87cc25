package aiohttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wrk tells of each answer that is not right, and how many there were. What it has asked
// for when its time is up it does not count, so the server has seen a little more.
func TestPeerWrk(t *testing.T) {
	needs(t, "wrk")
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %t", secure), func(t *testing.T) {
			served := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				served++
				io.WriteString(w, "Hello, World!")
			})
			const connections = 32
			estranged(t, secure, h, func(ctx context.Context, s *stranger) {
				said := s.ask(ctx, "wrk", "-t1", "-c"+strconv.Itoa(connections), "-d1s", "--timeout", "30s", s.url+"/")
				for _, wrong := range []string{"Socket errors", "Non-2xx"} {
					if strings.Contains(said, wrong) {
						t.Errorf("wrk met errors:\n%s", said)
					}
				}
				found := regexp.MustCompile(`(\d+) requests in`).FindStringSubmatch(said)
				if found == nil {
					t.Fatalf("wrk says\n%s", said)
				}
				counted, _ := strconv.Atoi(found[1])
				if counted == 0 || served < counted || served > counted+connections {
					t.Errorf("wrk counted %d answers, the server %d", counted, served)
				}
				t.Log(strings.TrimSpace(said))
			})
		})
	}
}
