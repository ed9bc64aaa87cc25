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

// appendFrame appends a message to b, behind its length, which takes four bytes.
func appendFrame(b, message []byte) ([]byte, error) {
	if len(message) > maxFrame {
		return nil, fmt.Errorf("a message of %d bytes is longer than %d", len(message), maxFrame)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(message)))
	return append(b, message...), nil
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

// writeJSON sends v as a message. Its length and itself go in one write, so that a
// cancellation cannot come between them (rule N2).
func writeJSON(ctx context.Context, s aionet.Stream, v any) error {
	message, err := json.Marshal(v)
	if err != nil {
		return err
	}
	frame, err := appendFrame(nil, message)
	if err != nil {
		return err
	}
	_, err = s.WriteContext(ctx, frame)
	return err
}

// readJSON waits for a message and puts it into v.
func readJSON(ctx context.Context, r *aionet.Reader, v any) error {
	message, err := readFrame(ctx, r)
	if err != nil {
		return err
	}
	return json.Unmarshal(message, v)
}
