package main

import (
	"bytes"
	"testing"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

func entry(index, term uint64, data string) *pb.Entry {
	return &pb.Entry{Index: new(index), Term: new(term), Data: []byte(data)}
}

func mustRecord(t *testing.T, b []byte, e *pb.Entry) []byte {
	t.Helper()
	b, err := appendRecord(b, kindEntry, e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wholeRecords is how many records can be read from b.
func wholeRecords(b []byte) (n int) {
	for {
		_, _, rest, ok := nextRecord(b)
		if !ok {
			return n
		}
		b = rest
		n++
	}
}

func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	b := mustRecord(t, nil, entry(7, 2, "seven"))
	b = mustRecord(t, b, entry(8, 2, ""))
	kind, body, rest, ok := nextRecord(b)
	var e pb.Entry
	if !ok || kind != kindEntry || proto.Unmarshal(body, &e) != nil || e.GetIndex() != 7 || string(e.GetData()) != "seven" {
		t.Errorf("%v, kind %c: %v", ok, kind, &e)
	}
	if wholeRecords(rest) != 1 {
		t.Error("the second record is not found")
	}
}

func TestARecordThatWasCutAnywhereIsNone(t *testing.T) {
	first := len(mustRecord(t, nil, entry(7, 2, "seven")))
	b := mustRecord(t, mustRecord(t, nil, entry(7, 2, "seven")), entry(8, 2, "eight"))
	for n := range len(b) {
		want := 0
		if n >= first {
			want = 1
		}
		if got := wholeRecords(b[:n]); got != want {
			t.Errorf("%d of %d bytes: %d records, want %d", n, len(b), got, want)
		}
	}
}

func TestARecordWithAByteThatIsWrongIsNone(t *testing.T) {
	good := mustRecord(t, nil, entry(7, 2, "seven"))
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if wholeRecords(bad) != 0 {
			t.Errorf("byte %d may be anything", i)
		}
	}
}

// A disk may have the length of a file and none of its bytes.
func TestZerosAreNoRecord(t *testing.T) {
	for _, n := range []int{1, recordHead, 100} {
		if wholeRecords(make([]byte, n)) != 0 {
			t.Errorf("%d zeros are read as a record", n)
		}
	}
}
