package main

import (
	"encoding/json"
	"fmt"
)

// maxSessions is how many clients a store remembers. The one that has been silent for
// the longest is forgotten, and its next write is refused: see expired.
const maxSessions = 1000

// A command is what the log says to do. Client and Seq name it: whoever does not know
// whether a command was carried out sends it again under the same name, and it is
// carried out once.
type command struct {
	Client uint64 `json:",omitempty"`
	Seq    uint64 `json:",omitempty"` // of the client's commands, from 1
	Op     op
	Key    string `json:",omitempty"`
	Value  string `json:",omitempty"`
	Old    string `json:",omitempty"` // for cas: the value that must be there

	// Boot and Number name the proposal: the start of the node that has made it, and
	// which one of that start it was. Somebody waits there for the result.
	Boot, Number uint64
}

type op string

const (
	opOpen op = "open" // a new client, whose number is the result
	opPut  op = "put"
	opCAS  op = "cas" // put, if the value is Old; a key that was never put has the value ""

	// These are never in a log.
	opGet    op = "get"
	opStatus op = "status" // of the node that is asked
)

// A result is what a command has come to. It is kept with the session of its client.
type result struct {
	Client  uint64 `json:",omitempty"` // the new client's number
	Done    bool   `json:",omitempty"` // for cas: the value was Old
	Expired bool   `json:",omitempty"` // nothing was done: the store has forgotten the client
}

// A session is what the store remembers of a client.
type session struct {
	Seq    uint64 // of its last command
	Result result // of that
	Used   uint64 // the index of that, for forgetting
}

// A store is the state machine: all nodes apply the same log to it, and so all have the
// same. Nothing in it may depend on anything else, such as the order of a map.
type store struct {
	Index    uint64 // of the last entry applied
	Keys     map[string]string
	Sessions map[uint64]*session
}

func newStore() *store {
	return &store{Keys: map[string]string{}, Sessions: map[uint64]*session{}}
}

// apply carries out the command at index, or finds that this was done before.
func (s *store) apply(index uint64, c command) result {
	s.Index = index
	if c.Op == opOpen {
		s.open(index)
		return result{Client: index}
	}
	client := s.Sessions[c.Client]
	if client == nil {
		return result{Expired: true}
	}
	client.Used = index
	if c.Seq <= client.Seq {
		return client.Result // it has come twice
	}
	client.Seq, client.Result = c.Seq, s.change(c)
	return client.Result
}

func (s *store) change(c command) result {
	if c.Op == opCAS && s.Keys[c.Key] != c.Old {
		return result{}
	}
	s.Keys[c.Key] = c.Value
	return result{Done: true}
}

// open begins a session. The index is a number that no other client ever gets.
func (s *store) open(index uint64) {
	s.Sessions[index] = &session{Used: index}
	for len(s.Sessions) > maxSessions {
		oldest := index
		for id, client := range s.Sessions { // no two have been used at the same index
			if client.Used < s.Sessions[oldest].Used {
				oldest = id
			}
		}
		delete(s.Sessions, oldest)
	}
}

// encode is the store as a snapshot has it: the same bytes for the same state.
func (s *store) encode() ([]byte, error) {
	return json.Marshal(s) // which sorts the keys of maps
}

func decodeStore(data []byte) (*store, error) {
	s := newStore()
	if len(data) == 0 {
		return s, nil
	}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("the snapshot is not one of a store: %w", err)
	}
	return s, nil
}
