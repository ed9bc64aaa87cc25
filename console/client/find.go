package client

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/goasyncio/asyncio/console/internal/discovery"
)

// TokenVariable is the variable of the environment that a token is taken from where none
// is given and none is found.
const TokenVariable = "ASYNCIO_CONSOLE_TOKEN"

// A Process is one of this user on this machine that has a console.
type Process = discovery.Entry

// Processes are the processes of this user on this machine whose console can be found,
// by their numbers.
func Processes() ([]Process, error) { return discovery.List() }

// Target is whom to ask. The zero value is the only process that has a console.
type Target struct {
	// Address is a HOST:PORT, or the URL that the console prints, with its token.
	Address string
	PID     int
	Token   string // where it is not found by itself
}

// What Find finds instead of a program.
var (
	ErrNoProgram = errors.New("no program of yours on this machine has its console on")
	ErrNoProcess = errors.New("there is no such process")
	ErrNotOn     = errors.New("the process has no console on that you can use")
	ErrNoAddress = errors.New("no address")
)

// SeveralError is that a target may be one of several processes.
type SeveralError struct{ Processes []Process }

func (e *SeveralError) Error() string {
	return fmt.Sprintf("%d programs have their console on", len(e.Processes))
}

// Find makes a client of the console that t means. It looks for files only: nothing is
// sent, and whether the console answers is not known yet.
func Find(t Target) (*Client, error) {
	switch {
	case t.Address != "" && t.PID != 0:
		return nil, errors.New("both an address and a process are given: one is enough")
	case t.Address != "":
		return findAddress(t)
	case t.PID != 0:
		return findProcess(t)
	}
	all, err := Processes()
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, ErrNoProgram
	case len(all) > 1:
		return nil, &SeveralError{Processes: all}
	}
	return New(all[0].Address, t.token(all[0].Token)), nil
}

func findProcess(t Target) (*Client, error) {
	all, err := Processes()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.PID == t.PID {
			return New(p.Address, t.token(p.Token)), nil
		}
	}
	if !discovery.Alive(t.PID) {
		return nil, fmt.Errorf("process %d: %w", t.PID, ErrNoProcess)
	}
	return nil, fmt.Errorf("process %d: %w", t.PID, ErrNotOn)
}

func findAddress(t Target) (*Client, error) {
	if strings.Contains(t.Address, "://") {
		return findURL(t)
	}
	address, err := hostPort(t.Address)
	if err != nil {
		return nil, err
	}
	if p, ok := processAt(address); ok {
		return New(p.Address, t.token(p.Token)), nil
	}
	return New(address, t.token("")), nil
}

// findURL takes the token out of a URL as the console prints it.
func findURL(t Target) (*Client, error) {
	u, err := url.Parse(t.Address)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return nil, fmt.Errorf("the URL is %w of a console: that looks like http://127.0.0.1:8765/?token=…", ErrNoAddress)
	}
	if token := u.Query().Get("token"); token != "" {
		t.Token = token
	}
	t.Address = u.Host
	if t.Token != "" {
		return New(u.Host, t.Token), nil
	}
	return findAddress(t)
}

// token is the one that was given, else the one that was found, else the environment's.
func (t Target) token(found string) string {
	for _, token := range []string{t.Token, found, os.Getenv(TokenVariable)} {
		if token = strings.TrimSpace(token); token != "" { // as a file of Windows ends
			return token
		}
	}
	return ""
}

// processAt is the process of this user that has its console at an address. Its token is
// sent to the address that it has told, and nowhere else: another address of this
// machine may be another user's.
func processAt(address string) (p Process, ok bool) {
	all, err := Processes()
	if err != nil {
		return p, false // the console will say that it wants a token
	}
	for _, p := range all {
		if sameAddress(p.Address, address) {
			return p, true
		}
	}
	return p, false
}

// sameAddress tells that asked means own. "localhost" means whatever loopback address
// own is.
func sameAddress(own, asked string) bool {
	host, port, err := net.SplitHostPort(own)
	askedHost, askedPort, askedErr := net.SplitHostPort(asked)
	if err != nil || askedErr != nil || port != askedPort {
		return false
	}
	return host == askedHost || askedHost == "localhost" && net.ParseIP(host).IsLoopback()
}
