package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/goasyncio/asyncio/aionet"
)

// maxFrame bounds a message between nodes, in bytes: a snapshot is one message.
const maxFrame = 64 << 20

// What a connection is for is its first byte.
const (
	fromPeer   = 'p'
	fromClient = 'c'
)

// writeFrame sends a message behind its length, which takes four bytes. Both go in one
// write, so that a cancellation cannot come between them (rule N2).
func writeFrame(ctx context.Context, s aionet.Stream, message []byte) error {
	if len(message) > maxFrame {
		return fmt.Errorf("a message of %d bytes is longer than %d", len(message), maxFrame)
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(message)), uint32(len(message)))
	_, err := s.WriteContext(ctx, append(frame, message...))
	return err
}

// readFrame waits for a message. The error is io.EOF where the stream ends before it.
func readFrame(ctx context.Context, r *aionet.Reader) ([]byte, error) {
	head, err := r.ReadExactly(ctx, 4)
	if err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head)
	if n > maxFrame {
		return nil, fmt.Errorf("the peer announces a message of %d bytes: longer than %d", n, maxFrame)
	}
	return r.ReadExactly(ctx, int(n))
}

// writeJSON sends v as a message.
func writeJSON(ctx context.Context, s aionet.Stream, v any) error {
	message, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFrame(ctx, s, message)
}

// readJSON waits for a message and puts it into v.
func readJSON(ctx context.Context, r *aionet.Reader, v any) error {
	message, err := readFrame(ctx, r)
	if err != nil {
		return err
	}
	return json.Unmarshal(message, v)
}
