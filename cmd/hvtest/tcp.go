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

const tcpPort = 7002

// tcpPatience is how long a peer may keep us waiting.
const tcpPatience = 2 * time.Minute

// noise writes n pseudo-random bytes and returns their SHA-256.
func noise(w io.Writer, seed uint64, n int64) ([]byte, error) {
	source, sum := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed))), sha256.New()
	_, err := io.CopyN(io.MultiWriter(w, sum), source, n)
	return sum.Sum(nil), err
}

// answerTCP answers one connection. It begins with the number of bytes that each
// side sends the other: they come, their SHA-256 goes back, ours go, and theirs
// comes. A connection of no bytes is a peer that has done all it wanted.
func answerTCP(c net.Conn) (finished bool, err error) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(tcpPatience))
	var head [8]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return false, err
	}
	n := int64(binary.BigEndian.Uint64(head[:]))
	if n == 0 {
		_, err := c.Write(head[:])
		return true, err
	}
	sum := sha256.New()
	if _, err := io.CopyN(sum, c, n); err != nil {
		return false, err
	}
	if _, err := c.Write(sum.Sum(nil)); err != nil {
		return false, err
	}
	sent, err := noise(c, uint64(n)+1, n)
	if err == nil {
		err = expect(c, sent)
	}
	return false, err
}

// askTCP is the other side of answerTCP.
func askTCP(peer netip.Addr, n int64) error {
	c, err := net.DialTimeout("tcp4", netip.AddrPortFrom(peer, tcpPort).String(), tcpPatience)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(tcpPatience))
	if _, err := c.Write(binary.BigEndian.AppendUint64(nil, uint64(n))); err != nil {
		return err
	}
	if n == 0 {
		return expect(c, make([]byte, 8))
	}
	sent, err := noise(c, uint64(n), n)
	if err != nil {
		return err
	}
	if err := expect(c, sent); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.CopyN(sum, c, n); err != nil {
		return err
	}
	_, err = c.Write(sum.Sum(nil))
	return err
}

// expect reads what must come.
func expect(c io.Reader, want []byte) error {
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if string(got) != string(want) {
		return fmt.Errorf("got %x, want %x", got, want)
	}
	return nil
}

// hashOf gives the SHA-256 of at most n bytes.
func hashOf(r io.Reader, n int64) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, io.LimitReader(r, n))
	return fmt.Sprintf("%x", sum.Sum(nil)), err
}
