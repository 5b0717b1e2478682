package main

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// udpRoom is what may wait for us to read it: all that the others send at once,
// while we have no processor.
const udpRoom = 8 << 20

// keepAll makes room for datagrams: none is sent again, and what the kernel drops
// for want of room looks like one that was lost on its way.
func keepAll(c *net.UDPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, udpRoom)
	})
	return errors.Join(err, failed)
}
