package driver

import (
	"net"
	"strconv"
	"sync"
	"syscall"
)

// zones remembers the names of interfaces: asking the system takes several calls,
// and each datagram from a link-local address has a zone. An interface that is
// renamed keeps its old name here.
var zones sync.Map // uint32 to string

// zoneIndex is the number of an IPv6 zone, which is written as the name of an
// interface or as a number.
func zoneIndex(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, syscall.EINVAL
	}
	return uint32(i.Index), nil
}

// zoneName is the name of a zone, or its number where no interface has it.
func zoneName(index uint32) string {
	if index == 0 {
		return ""
	}
	if name, ok := zones.Load(index); ok {
		return name.(string)
	}
	name := strconv.FormatUint(uint64(index), 10)
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		name = i.Name
	}
	zones.Store(index, name)
	return name
}
