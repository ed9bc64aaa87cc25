package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"google.golang.org/protobuf/proto"
)

// A record of the log's file is
//
//	length of the body, 4 bytes | CRC-32C of all that follows, 4 bytes | kind, 1 byte | body
//
// and the CRC begins with the length. A crash may leave anything behind the last byte
// that was synced: a part of a record, zeros, a record of which the middle is missing.
// None of these has a CRC that fits.
const recordHead = 9

type recordKind byte

const (
	kindBase  recordKind = 'b' // a SnapshotMetadata: after which entry the log begins
	kindState recordKind = 's' // a HardState
	kindEntry recordKind = 'e' // an Entry; those from its index on that came before are void
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord appends the record of m to b.
func appendRecord(b []byte, kind recordKind, m proto.Message) ([]byte, error) {
	start := len(b)
	b = append(b, make([]byte, recordHead)...)
	b[start+8] = byte(kind)
	b, err := proto.MarshalOptions{}.MarshalAppend(b, m)
	if err != nil {
		return nil, fmt.Errorf("a record of the log: %w", err)
	}
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-recordHead))
	binary.BigEndian.PutUint32(b[start+4:], checksum(b[start:]))
	return b, nil
}

// nextRecord cuts the first record off b. It is false where b begins with none that is
// whole: there the log ends.
func nextRecord(b []byte) (kind recordKind, body, rest []byte, ok bool) {
	if len(b) < recordHead {
		return 0, nil, nil, false
	}
	length := uint64(binary.BigEndian.Uint32(b))
	if uint64(len(b)) < recordHead+length {
		return 0, nil, nil, false
	}
	record, rest := b[:recordHead+length], b[recordHead+length:]
	if binary.BigEndian.Uint32(record[4:]) != checksum(record) {
		return 0, nil, nil, false
	}
	return recordKind(record[8]), record[recordHead:], rest, true
}

// checksum is that of a record, without the four bytes in which it is kept.
func checksum(record []byte) uint32 {
	sum := crc32.Update(0, castagnoli, record[:4])
	return crc32.Update(sum, castagnoli, record[8:])
}
