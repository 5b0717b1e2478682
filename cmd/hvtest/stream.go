package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"
)

// A stream is one TCP connection that stays open: blocks of pseudo-random bytes,
// each after its length, then a length of 0 and the SHA-256 of them all. What
// comes back is the number of bytes that arrived.
const (
	streamPort  = 7012
	streamBlock = 4096
)

// sendStream sends a block every gap until stop is closed, and returns how many
// bytes were sent.
func sendStream(c net.Conn, seed uint64, gap time.Duration, stop <-chan struct{}) (n int64, err error) {
	source, sum := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed))), sha256.New()
	block := make([]byte, 4+streamBlock)
	for over := false; !over; {
		select {
		case <-stop:
			over = true
			continue
		case <-time.After(gap):
		}
		source.Read(block[4:])
		binary.BigEndian.PutUint32(block, streamBlock)
		sum.Write(block[4:])
		c.SetDeadline(time.Now().Add(tcpPatience))
		if _, err := c.Write(block); err != nil {
			return n, err
		}
		n += streamBlock
	}
	if _, err := c.Write(sum.Sum(make([]byte, 4))); err != nil {
		return n, err
	}
	c.SetDeadline(time.Now().Add(tcpPatience))
	return n, expect(c, binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// takeStream takes one until its end.
func takeStream(c net.Conn) (n int64, err error) {
	defer c.Close()
	sum := sha256.New()
	var head [4]byte
	for {
		c.SetDeadline(time.Now().Add(tcpPatience))
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return n, err
		}
		size := int64(binary.BigEndian.Uint32(head[:]))
		if size == 0 {
			break
		}
		if _, err := io.CopyN(sum, c, size); err != nil {
			return n, err
		}
		n += size
	}
	if err := expect(c, sum.Sum(nil)); err != nil {
		return n, err
	}
	_, err = c.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return n, err
}

// askStream opens one to a peer, and sends until stop is closed.
func askStream(peer netip.AddrPort, gap time.Duration, stop <-chan struct{}) (int64, error) {
	c, err := net.DialTimeout("tcp4", peer.String(), tcpPatience)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return sendStream(c, uint64(time.Now().UnixNano()), gap, stop)
}
