//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"syscall"

	"github.com/goasyncio/asyncio/internal/faulty"
)

// What a call can fail with, by the manuals of Linux and of the BSDs.
var errnos = map[faulty.Verb][]syscall.Errno{
	faulty.Arm:         {syscall.ENOMEM, syscall.ENOSPC},
	faulty.Watch:       {syscall.ENOMEM, syscall.ENOSPC},
	faulty.Socket:      {syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.EAFNOSUPPORT, syscall.EACCES},
	faulty.Adopt:       {syscall.EMFILE, syscall.EPERM},
	faulty.Bind:        {syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.EACCES},
	faulty.Listen:      {syscall.EADDRINUSE, syscall.EOPNOTSUPP},
	faulty.Accept:      {syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPROTO, syscall.EPERM, syscall.EINVAL},
	faulty.Connect:     {syscall.ECONNREFUSED, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, syscall.EACCES},
	faulty.SocketError: {syscall.ECONNREFUSED, syscall.ETIMEDOUT, syscall.EHOSTUNREACH, syscall.ECONNRESET},
	faulty.Read:        {syscall.ECONNRESET, syscall.ETIMEDOUT, syscall.EIO},
	faulty.Recv:        {syscall.ECONNRESET, syscall.ETIMEDOUT, syscall.EHOSTUNREACH},
	faulty.Write:       {syscall.EPIPE, syscall.ENOSPC, syscall.EIO},
	faulty.Send:        {syscall.EPIPE, syscall.ECONNRESET, syscall.ENOBUFS},
	faulty.Writev:      {syscall.EPIPE, syscall.ECONNRESET, syscall.ENOBUFS},
	faulty.RecvMsg:     {syscall.ECONNREFUSED, syscall.ENOMEM},
	faulty.SendMsg:     {syscall.ECONNREFUSED, syscall.ENOBUFS, syscall.EMSGSIZE, syscall.EPERM},
	faulty.Shutdown:    {syscall.ENOTCONN},
	faulty.CloseSocket: {syscall.EIO, syscall.EDQUOT},
	faulty.LocalAddr:   {syscall.ENOBUFS},
	faulty.PeerAddr:    {syscall.ENOTCONN},
	faulty.SetOption:   {syscall.EINVAL, syscall.ENOPROTOOPT},
	faulty.Option:      {syscall.ENOPROTOOPT},
	faulty.Pair:        {syscall.EMFILE},
	faulty.Take:        {syscall.EMFILE},
	faulty.File:        {syscall.EMFILE},
	faulty.Duplicate:   {syscall.EMFILE},
	faulty.SendFiles:   {syscall.EPIPE, syscall.ETOOMANYREFS, syscall.EBADF},
	faulty.RecvFiles:   {syscall.ECONNRESET, syscall.ENOMEM},
	faulty.Credentials: {syscall.EINVAL},
	faulty.SendFile:    {syscall.EPIPE, syscall.EIO, syscall.EINVAL},
	faulty.Channel:     {syscall.EMFILE, syscall.ENFILE},
	faulty.Fill:        {syscall.ECONNRESET, syscall.ENOMEM, syscall.EINVAL},
	faulty.Drain:       {syscall.EPIPE, syscall.ENOMEM},
}

// blocking are the verbs that can say "not now" of a socket that is ready.
var blocking = map[faulty.Verb]syscall.Errno{
	faulty.Accept: syscall.EAGAIN, faulty.SocketError: syscall.EINPROGRESS,
	faulty.Read: syscall.EAGAIN, faulty.Recv: syscall.EAGAIN, faulty.RecvMsg: syscall.EAGAIN, faulty.RecvFiles: syscall.EAGAIN, faulty.Fill: syscall.EAGAIN,
	faulty.Write: syscall.EAGAIN, faulty.Send: syscall.EAGAIN, faulty.Writev: syscall.EAGAIN, faulty.SendMsg: syscall.EAGAIN, faulty.SendFiles: syscall.EAGAIN, faulty.Drain: syscall.EAGAIN,
}

// failures is how a call can go wrong.
func failures(v faulty.Verb) (all []faulty.Outcome) {
	for _, errno := range errnos[v] {
		all = append(all, faulty.Outcome{Err: errno})
	}
	if errno, ok := blocking[v]; ok {
		all = append(all, faulty.Again(errno))
	}
	return all
}
