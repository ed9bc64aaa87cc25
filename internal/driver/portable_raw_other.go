//go:build !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9 || windows)

package driver

import "syscall"

// On these systems options are what package net makes of them: it reuses addresses,
// allows broadcasts, and decides by the name of the network about IPv4 on IPv6.

func setSystemOption(_ uintptr, o Option, _ int) error {
	switch o {
	case ReuseAddr, Broadcast, V6Only:
		return nil
	}
	return syscall.ENOPROTOOPT
}

func systemOption(uintptr, Option) (int, error) { return 0, syscall.ENOPROTOOPT }

// hasPeer does not know.
func hasPeer(uintptr) bool { return true }
