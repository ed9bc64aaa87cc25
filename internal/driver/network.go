package driver

import (
	"net/netip"
	"time"
)

// Network is the sockets of a driver's world, as calls that never wait: what cannot
// be done at once fails with syscall.EAGAIN, or EINPROGRESS for a connection, and
// the caller asks the poller. Errors are bare syscall.Errno where the system gives
// one. Like the rest of a driver it is for the loop's goroutine.
//
// It is the seam for simulated networks: the streams above it are the same.
type Network interface {
	// Socket makes a socket that is non-blocking and closed on exec.
	Socket(k Kind) (fd int, err error)
	// Adopt makes a duplicate of a descriptor of the system that is non-blocking and
	// closed on exec, and tells what it is: no Kind for what is not a socket. (The
	// original becomes non-blocking as well: that is a property of both.) What never
	// says that it would block, such as a file of a disk, is refused with EPERM.
	Adopt(fd uintptr) (int, Kind, error)
	Bind(fd int, a Addr) error
	Listen(fd, backlog int) error
	// Accept takes the next connection from a listener.
	Accept(fd int) (conn int, peer Addr, err error)
	// Connect begins a connection. After EINPROGRESS the socket becomes writable
	// when it is decided, and SocketError tells how.
	Connect(fd int, a Addr) error
	// SocketError is the outcome of a connection: nil, its error, or EINPROGRESS
	// where the writability was spurious.
	SocketError(fd int) error
	// Read returns 0 and no error at the end of a stream.
	Read(fd int, p []byte) (int, error)
	// Write may take less than all of p. A peer that is gone is an error, not a
	// signal.
	Write(fd int, p []byte) (int, error)
	// Recv and Send are Read and Write for what is a socket, where that is cheaper.
	Recv(fd int, p []byte) (int, error)
	Send(fd int, p []byte) (int, error)
	// Writev is Write of several buffers one after the other.
	Writev(fd int, bufs [][]byte) (int, error)
	// RecvMsg takes one datagram, or a piece of a stream, with what came beside it.
	RecvMsg(fd int, p, oob []byte) (Message, error)
	// SendMsg sends one datagram. The zero Addr stands for the connected peer.
	SendMsg(fd int, p, oob []byte, to Addr) (int, error)
	Shutdown(fd int, how How) error
	// CloseSocket gives the number back, whatever it returns.
	CloseSocket(fd int) error
	LocalAddr(fd int) (Addr, error)
	PeerAddr(fd int) (Addr, error)
	SetOption(fd int, o Option, value int) error
	Option(fd int, o Option) (int, error)
}

// Names is what a Network can do besides where its world has names of its own, which no
// resolver of the system knows: a simulated one. Nor are its Unix sockets files.
type Names interface {
	// Lookup is the addresses of a name. It does not wait.
	Lookup(name string) ([]netip.Addr, error)
	// LookupTime is how long the caller has to wait before a Lookup.
	LookupTime() time.Duration
}

// Kind is what a socket is.
type Kind struct {
	Family Family
	Type   Type
}

// Family is the kind of a socket's addresses.
type Family uint8

const (
	IPv4 Family = iota + 1
	IPv6
	Unix
)

// Type is what a socket carries.
type Type uint8

const (
	Stream Type = iota + 1
	Datagram
	SeqPacket
)

// Addr is the address of a socket: IP where it is valid, with its zone, else the
// name of a Unix socket, which is empty for one without a name and begins with NUL
// in the abstract namespace. It is comparable.
type Addr struct {
	IP   netip.AddrPort
	Name string
	Unix bool
}

// Message tells about what RecvMsg took.
type Message struct {
	N         int  // bytes in the buffer
	OOBN      int  // bytes of ancillary data
	Truncated bool // the datagram was longer than the buffer
	From      Addr
}

// How is which direction a Shutdown ends.
type How uint8

const (
	ShutRead How = iota
	ShutWrite
	ShutBoth
)

// Option is a setting of a socket. Booleans are 0 and 1, times are seconds.
type Option uint8

const (
	NoDelay Option = iota
	KeepAlive
	KeepIdle
	KeepInterval
	KeepCount
	Linger // seconds; -1 is off, the default
	ReadBuffer
	WriteBuffer
	ReuseAddr
	ReusePort
	Broadcast
	V6Only
)

// refusing is the network of a world that has none.
type refusing struct{}

func (refusing) Socket(Kind) (int, error)                       { return -1, ErrNoDescriptors }
func (refusing) Adopt(uintptr) (int, Kind, error)               { return -1, Kind{}, ErrNoDescriptors }
func (refusing) Bind(int, Addr) error                           { return ErrNoDescriptors }
func (refusing) Listen(int, int) error                          { return ErrNoDescriptors }
func (refusing) Accept(int) (int, Addr, error)                  { return -1, Addr{}, ErrNoDescriptors }
func (refusing) Connect(int, Addr) error                        { return ErrNoDescriptors }
func (refusing) SocketError(int) error                          { return ErrNoDescriptors }
func (refusing) Read(int, []byte) (int, error)                  { return 0, ErrNoDescriptors }
func (refusing) Write(int, []byte) (int, error)                 { return 0, ErrNoDescriptors }
func (refusing) Recv(int, []byte) (int, error)                  { return 0, ErrNoDescriptors }
func (refusing) Send(int, []byte) (int, error)                  { return 0, ErrNoDescriptors }
func (refusing) Writev(int, [][]byte) (int, error)              { return 0, ErrNoDescriptors }
func (refusing) RecvMsg(int, []byte, []byte) (Message, error)   { return Message{}, ErrNoDescriptors }
func (refusing) SendMsg(int, []byte, []byte, Addr) (int, error) { return 0, ErrNoDescriptors }
func (refusing) Shutdown(int, How) error                        { return ErrNoDescriptors }
func (refusing) CloseSocket(int) error                          { return ErrNoDescriptors }
func (refusing) LocalAddr(int) (Addr, error)                    { return Addr{}, ErrNoDescriptors }
func (refusing) PeerAddr(int) (Addr, error)                     { return Addr{}, ErrNoDescriptors }
func (refusing) SetOption(int, Option, int) error               { return ErrNoDescriptors }
func (refusing) Option(int, Option) (int, error)                { return 0, ErrNoDescriptors }
