package faulty

import "github.com/goasyncio/asyncio/internal/driver"

// network is the sockets of a World.
type network struct {
	*World
	inner driver.Network
}

// moves makes a call that moves bytes, with a buffer that is cut to the outcome.
func (n *network) moves(v Verb, fd int, p []byte, call func(int, []byte) (int, error)) (int, error) {
	out := n.try(v, fd, len(p))
	if out.Err != nil {
		return 0, out.Err
	}
	short := cut(p, out.Max)
	k, err := call(fd, short)
	if len(short) < len(p) {
		n.tell(fd)
	}
	return k, err
}

func cut(p []byte, max int) []byte {
	if max > 0 && max < len(p) {
		return p[:max]
	}
	return p
}

func (n *network) Socket(k driver.Kind) (int, error) {
	if out := n.try(Socket, -1, 0); out.Err != nil {
		return -1, out.Err
	}
	return n.opened(n.inner.Socket(k))
}

func (n *network) Adopt(fd uintptr) (int, driver.Kind, error) {
	if out := n.try(Adopt, -1, 0); out.Err != nil {
		return -1, driver.Kind{}, out.Err
	}
	dup, k, err := n.inner.Adopt(fd)
	_, err = n.opened(dup, err)
	return dup, k, err
}

func (n *network) Bind(fd int, a driver.Addr) error {
	if out := n.try(Bind, fd, 0); out.Err != nil {
		return out.Err
	}
	return n.inner.Bind(fd, a)
}

func (n *network) Listen(fd, backlog int) error {
	if out := n.try(Listen, fd, 0); out.Err != nil {
		return out.Err
	}
	return n.inner.Listen(fd, backlog)
}

func (n *network) Accept(fd int) (int, driver.Addr, error) {
	if out := n.try(Accept, fd, 0); out.Err != nil {
		return -1, driver.Addr{}, out.Err
	}
	conn, peer, err := n.inner.Accept(fd)
	_, err = n.opened(conn, err)
	return conn, peer, err
}

func (n *network) Connect(fd int, a driver.Addr) error {
	if out := n.try(Connect, fd, 0); out.Err != nil {
		return out.Err
	}
	return n.inner.Connect(fd, a)
}

func (n *network) SocketError(fd int) error {
	if out := n.try(SocketError, fd, 0); out.Err != nil {
		return out.Err
	}
	return n.inner.SocketError(fd)
}

func (n *network) Read(fd int, p []byte) (int, error) {
	return n.moves(Read, fd, p, n.inner.Read)
}

func (n *network) Write(fd int, p []byte) (int, error) {
	return n.moves(Write, fd, p, n.inner.Write)
}

func (n *network) Recv(fd int, p []byte) (int, error) {
	return n.moves(Recv, fd, p, n.inner.Recv)
}

func (n *network) Send(fd int, p []byte) (int, error) {
	return n.moves(Send, fd, p, n.inner.Send)
}

func (n *network) Writev(fd int, bufs [][]byte) (int, error) {
	total := 0
	for _, b := range bufs {
		total += len(b)
	}
	out := n.try(Writev, fd, total)
	if out.Err != nil {
		return 0, out.Err
	}
	if out.Max == 0 {
		return n.inner.Writev(fd, bufs)
	}
	var short [][]byte
	for left := out.Max; left > 0 && len(bufs) > 0; bufs = bufs[1:] {
		b := bufs[0][:min(left, len(bufs[0]))]
		short = append(short, b)
		left -= len(b)
	}
	defer n.tell(fd)
	return n.inner.Writev(fd, short)
}

// A datagram is not cut: that would lose the rest of it.
func (n *network) RecvMsg(fd int, p, oob []byte) (driver.Message, error) {
	if out := n.try(RecvMsg, fd, 0); out.Err != nil {
		return driver.Message{}, out.Err
	}
	return n.inner.RecvMsg(fd, p, oob)
}

func (n *network) SendMsg(fd int, p, oob []byte, to driver.Addr) (int, error) {
	if out := n.try(SendMsg, fd, 0); out.Err != nil {
		return 0, out.Err
	}
	return n.inner.SendMsg(fd, p, oob, to)
}

func (n *network) Shutdown(fd int, how driver.How) error {
	if out := n.try(Shutdown, fd, 0); out.Err != nil {
		return out.Err
	}
	return n.inner.Shutdown(fd, how)
}

func (n *network) CloseSocket(fd int) error {
	out := n.enter(CloseSocket, fd, 0)
	n.closed(fd) // first: then the number may be another's
	if err := n.inner.CloseSocket(fd); err != nil {
		return err
	}
	return out.Err
}

func (n *network) LocalAddr(fd int) (driver.Addr, error) {
	if out := n.try(LocalAddr, fd, 0); out.Err != nil {
		return driver.Addr{}, out.Err
	}
	return n.inner.LocalAddr(fd)
}

func (n *network) PeerAddr(fd int) (driver.Addr, error) {
	if out := n.try(PeerAddr, fd, 0); out.Err != nil {
		return driver.Addr{}, out.Err
	}
	return n.inner.PeerAddr(fd)
}

func (n *network) SetOption(fd int, o driver.Option, value int) error {
	if out := n.try(SetOption, fd, 0); out.Err != nil {
		return out.Err
	}
	return n.inner.SetOption(fd, o, value)
}

func (n *network) Option(fd int, o driver.Option) (int, error) {
	if out := n.try(Option, fd, 0); out.Err != nil {
		return 0, out.Err
	}
	return n.inner.Option(fd, o)
}
