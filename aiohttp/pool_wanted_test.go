package aiohttp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"reflect"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// dialsTake makes the dials of a site take so long, one after the other; the last of
// the times holds for all that follow.
func (s *site) dialsTake(times ...time.Duration) {
	dial := s.client.Dial
	s.client.Dial = func(ctx context.Context, network, addr string) (aionet.Stream, error) {
		d := times[0]
		times = times[min(1, len(times)-1):]
		if err := asyncio.Sleep(ctx, d); err != nil {
			return nil, err
		}
		return dial(ctx, network, addr)
	}
}

// at sends a request at that time and tells when it was answered.
func (s *site) at(ctx context.Context, start time.Duration) *asyncio.Task[time.Duration] {
	began := asyncio.Now(ctx)
	return asyncio.CreateTask(ctx, func(ctx context.Context) (time.Duration, error) {
		if err := asyncio.Sleep(ctx, start); err != nil {
			return 0, err
		}
		_, err := s.get(ctx)
		return asyncio.Now(ctx).Sub(began), err
	})
}

// wantAnswers checks when requests were answered.
func (s *site) wantAnswers(ctx context.Context, requests []*asyncio.Task[time.Duration], want ...time.Duration) {
	s.t.Helper()
	got, err := asyncio.Gather(ctx, requests...)
	if err != nil || !reflect.DeepEqual(got, want) {
		s.t.Errorf("answered at %v, %v; want %v", got, err, want)
	}
}

type requests = []*asyncio.Task[time.Duration]

func TestARequestThatWaitsForItsDial(t *testing.T) {
	const s1 = time.Second
	virtually(t, "takes a connection that becomes idle before, and the pool gets the dialed one", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(0, 10*s1)
		s.wantAnswers(ctx, requests{s.at(ctx, 0), s.at(ctx, s1/2)}, s1, 2*s1)
		s.wantConns(1, 1)
		asyncio.Sleep(ctx, 10*s1)
		s.wantConns(2, 2)
		s.together(ctx, 2)
		s.wantConns(2, 2)
	})
	virtually(t, "is told that it got a used one, which has not been idle", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(0, 10*s1)
		var got []httptrace.GotConnInfo
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
			i.Conn = nil
			got = append(got, i)
		}})
		s.together(ctx, 2)
		asyncio.Sleep(ctx, 10*s1)
		s.wantGet(ctx, "hello") // on the connection that was made in vain, from 10 s to 12 s
		want := []httptrace.GotConnInfo{{}, {Reused: true}, {Reused: true, WasIdle: true, IdleTime: 2 * s1}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	})
	virtually(t, "keeps its place: connections that come back go to who has waited longest", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(0, time.Minute)
		s.wantAnswers(ctx, requests{s.at(ctx, 0), s.at(ctx, 1), s.at(ctx, 2), s.at(ctx, 3)}, s1, 2*s1, 3*s1, 4*s1)
		s.wantConns(1, 1)
	})
	virtually(t, "gets the one that it has dialed itself, though another waits longer for a slow one", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(10*s1, s1)
		s.wantAnswers(ctx, requests{s.at(ctx, 0), s.at(ctx, s1)}, 4*s1, 3*s1)
	})
	virtually(t, "gets one that another has dialed and needs no longer", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(0, 3*s1, time.Minute)
		// The second is served by the first's connection, which the third misses.
		s.wantAnswers(ctx, requests{s.at(ctx, 0), s.at(ctx, s1/2), s.at(ctx, s1), s.at(ctx, 2*s1+1)}, s1, 2*s1, 3*s1, 4*s1)
		s.wantConns(2, 2)
	})
	virtually(t, "gives its dial up with itself, and waits for the end of that", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		ended := false
		s.client.Dial = func(ctx context.Context, _, _ string) (aionet.Stream, error) {
			defer func() { ended = true }()
			err := asyncio.Sleep(ctx, time.Hour)
			asyncio.Sleep(context.WithoutCancel(ctx), s1)
			return nil, err
		}
		limited, timeout := asyncio.WithTimeout(ctx, s1)
		defer timeout.Cancel()
		began := asyncio.Now(ctx)
		_, err := s.get(limited)
		if took := asyncio.Now(ctx).Sub(began); !timeout.Caused(err) || !ended || took != 2*s1 {
			t.Errorf("%v after %v; the dial has ended: %v", err, took, ended)
		}
	})
	virtually(t, "leaves nothing open if the dial succeeds all the same", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 1
		dial := s.client.Dial
		s.client.Dial = func(ctx context.Context, network, addr string) (aionet.Stream, error) {
			asyncio.Sleep(ctx, time.Hour)
			return dial(context.WithoutCancel(ctx), network, addr)
		}
		limited, timeout := asyncio.WithTimeout(ctx, s1)
		defer timeout.Cancel()
		if _, err := s.get(limited); !timeout.Caused(err) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
		s.client.Dial = dial
		s.wantGet(ctx, "hello") // the place is free
	})
	virtually(t, "gets the panic of a Dial that panics", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 1
		dial := s.client.Dial
		s.client.Dial = func(context.Context, string, string) (aionet.Stream, error) { panic("a mistake") }
		func() {
			defer func() {
				if e, _ := recover().(*asyncio.PanicError); e == nil || e.Value != "a mistake" {
					t.Errorf("%v", e)
				}
			}()
			s.get(ctx)
		}()
		s.client.Dial = dial
		s.wantGet(ctx, "hello") // the place is free
	})
}

func TestDialsThatNobodyWaitsFor(t *testing.T) {
	virtually(t, "are given up by CloseIdleConnections, and those that are waited for are not", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(0, 10*time.Second)
		s.together(ctx, 2)
		s.client.CloseIdleConnections()
		waiting := s.at(ctx, 0)
		asyncio.Sleep(ctx, time.Second)
		s.client.CloseIdleConnections()
		s.wantAnswers(ctx, requests{waiting}, 11*time.Second)
		asyncio.Sleep(ctx, time.Minute)
		s.wantConns(2, 1)
	})
	virtually(t, "end with Run", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.dialsTake(0, 1000*time.Hour)
		s.together(ctx, 2)
	})
	virtually(t, "count for MaxConnsPerHost until they fail", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 2
		dial, tries := s.client.Dial, 0
		s.client.Dial = func(ctx context.Context, network, addr string) (aionet.Stream, error) {
			if tries++; tries == 2 {
				asyncio.Sleep(ctx, 2500*time.Millisecond)
				return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
			}
			return dial(ctx, network, addr)
		}
		// Until 2.5 s there is one connection for all, and then two.
		s.wantAnswers(ctx, requests{s.at(ctx, 0), s.at(ctx, 0), s.at(ctx, 2), s.at(ctx, 3), s.at(ctx, 4)},
			1e9, 2e9, 3e9, 35e8, 4e9)
		s.wantConns(2, 2)
	})
}

// Who has been cancelled, and has not run since, is not dialed for.
func TestLeaveToDialPassesOverWhoIsCancelled(t *testing.T) {
	virtually(t, "in the same step", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, n int) error {
			if n == 1 {
				p.request()
				p.say("HTTP/1.1 200 OK\nContent-Length: 10\n\nhello")
			}
			return answering(hello)(ctx, p, n)
		})
		s.client.MaxConnsPerHost = 1
		dial, dials := s.client.Dial, 0
		s.client.Dial = func(ctx context.Context, network, addr string) (aionet.Stream, error) {
			dials++
			return dial(ctx, network, addr)
		}
		resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		first, second := s.at(ctx, 0), s.at(ctx, 0)
		asyncio.Sleep(ctx, time.Second) // they stand in line
		first.Cancel(nil)
		resp.Body.Close() // gives its connection up
		s.wantAnswers(ctx, requests{second}, time.Second)
		if _, err := first.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) || dials != 2 {
			t.Errorf("the first got %v; %d dials", err, dials)
		}
	})
}

// Requests are cancelled at whatever point while dials are slower than answers: each
// connection is in the pool in the end, or closed, and none has a rest of an answer.
func TestSweepRequestsThatWaitForDials(t *testing.T) {
	for _, most := range []int{0, 2} {
		t.Run(fmt.Sprintf("at most %d connections", most), func(t *testing.T) {
			asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
				s := newSite(ctx, t, 64, echo)
				s.client.MaxConnsPerHost = most
				s.dialsTake(0, 3, 1)
				trial.After(func() error {
					if s.open != 0 {
						return fmt.Errorf("%d connections are left open", s.open)
					}
					return nil
				})
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					for i := range 4 {
						g.Go(func(ctx context.Context) error {
							if err := asyncio.Sleep(ctx, time.Duration(i/2)); err != nil {
								return err
							}
							return checked(s, newRequest(ctx, "GET", "http://site", nil))
						})
					}
					return nil
				})
				if err == nil { // what the pool has serves
					err = checked(s, newRequest(ctx, "GET", "http://site", nil))
				}
				return err
			})
		})
	}
}
