package main

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// linePort is where both ends of a line are.
const linePort = 7021

// line is a UDP socket between two systems, whose calls block their threads.
type line int

// openLine opens our end.
func openLine(ours, to netip.Addr) (line, error) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	for _, do := range []func() error{
		func() error { return unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, udpRoom) },
		func() error { return unix.Bind(s, &unix.SockaddrInet4{Port: linePort, Addr: ours.As4()}) },
		func() error { return unix.Connect(s, &unix.SockaddrInet4{Port: linePort, Addr: to.As4()}) },
	} {
		if err := do(); err != nil {
			unix.Close(s)
			return -1, err
		}
	}
	return line(s), nil
}

// shut wakes whoever waits for a datagram. The socket stays: its number may not
// become another one's as long as somebody reads by it.
func (l line) shut() { unix.Shutdown(int(l), unix.SHUT_RDWR) }

// isOurs reports whether a network card of ours has the address.
func isOurs(a netip.Addr) (bool, error) {
	list, err := net.InterfaceAddrs()
	for _, one := range list {
		if prefix, err := netip.ParsePrefix(one.String()); err == nil && prefix.Addr() == a {
			return true, nil
		}
	}
	return false, err
}

// monotonic is the kernel's time since it began, in nanoseconds.
func monotonic() int64 {
	var now unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return now.Nano()
}
