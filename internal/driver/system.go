package driver

import (
	"io"
	"os"
)

// System is what a Network can do besides where its sockets are those of the
// operating system. Whoever wants it asks whether the Network has it: a simulated one
// has not. What this system cannot do fails with errors.ErrUnsupported.
type System interface {
	// Pair makes two Unix sockets of a type that are connected to each other.
	Pair(t Type) (a, b int, err error)
	// Take makes a socket of a connection of package net. It closes c if it succeeds.
	Take(c io.Closer) (fd int, k Kind, err error)
	// File is a duplicate of a socket, for those who are not on the loop.
	File(fd int, name string) (*os.File, error)
	// Duplicate is another number for a socket, to be closed with CloseSocket. Unlike
	// the first it may be used on another goroutine.
	Duplicate(fd int) (int, error)
	// SendFiles is Write of a Unix socket with descriptors beside the first byte, of
	// which the receiver gets duplicates.
	SendFiles(fd int, p []byte, files []int) (int, error)
	// RecvFiles is Read of a Unix socket with the descriptors that come beside. They
	// are closed on exec. More than max of them are closed, and lost is true.
	RecvFiles(fd int, p []byte, max int) (n int, files []int, lost bool, err error)
	// Credentials tells who is at the other end of a Unix socket.
	Credentials(fd int) (Credentials, error)
	// SendFile writes up to count bytes of a file, from where it stands. It waits for
	// the disk, and never for the socket. 0 and no error is the end of the file.
	SendFile(to int, from uintptr, count int) (int, error)
	// Channel makes a buffer inside the system.
	Channel() (Channel, error)
}

// Credentials are those of the process at the other end of a Unix socket when it
// connected or listened.
type Credentials struct {
	PID      int // 0 where the system does not tell
	UID, GID int
}

// A Channel moves bytes between descriptors without a copy. It is filled when it is
// empty, so that what would block is known.
type Channel interface {
	// Fill takes up to count bytes from a socket, at least one. 0 and no error is the
	// end.
	Fill(from, count int) (int, error)
	// Drain gives what there is to a socket, or a part of it.
	Drain(to int) (int, error)
	// Held is how many bytes there are.
	Held() int
	Close()
}
