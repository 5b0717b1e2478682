package main

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"time"
)

// A datagram begins with a mark, its number, and how many of the receiver's
// numbers the sender has; one that carries no number asks for nothing but that.
const (
	udpMark   = 0x50455244
	udpHead   = 12
	udpNone   = 1<<32 - 1
	udpWindow = 16 // datagrams that may be on their way
	udpPort   = 7001
	// udpLate is how long there may be no progress before the datagrams on their
	// way are given up: none is ever sent again.
	udpLate = 3 * time.Second
	udpTick = 100 * time.Millisecond
)

// flow is what one peer and we send each other: numbers from 0 to n-1, both ways.
type flow struct {
	to      netip.AddrPort
	n, size int

	mu      sync.Mutex
	heard   bool
	sent    int
	acked   int
	given   int // given up
	got     []bool
	count   int
	doubled int
	damaged int
	moved   time.Time
	done    chan struct{}
	ended   bool
}

func newFlow(to netip.AddrPort, n, size int) *flow {
	return &flow{to: to, n: n, size: max(size, udpHead), got: make([]bool, n), moved: time.Now(), done: make(chan struct{})}
}

// datagram makes number seq; its bytes follow from its number.
func (f *flow) datagram(seq int) []byte {
	if seq == udpNone {
		return f.head(udpNone, udpHead)
	}
	b := f.head(uint32(seq), f.size)
	for i := range b[udpHead:] {
		b[udpHead+i] = byte(seq + i*13)
	}
	return b
}

func (f *flow) head(seq uint32, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, udpMark)
	binary.BigEndian.PutUint32(b[4:], seq)
	binary.BigEndian.PutUint32(b[8:], uint32(f.count))
	return b
}

// take notes what a datagram says; f.mu is held.
func (f *flow) take(b []byte) {
	if len(b) < udpHead || binary.BigEndian.Uint32(b) != udpMark {
		f.damaged++
		return
	}
	f.heard = true
	if acked := int(binary.BigEndian.Uint32(b[8:])); acked > f.acked {
		f.acked, f.moved = acked, time.Now()
	}
	seq := binary.BigEndian.Uint32(b[4:])
	if seq == udpNone {
		return
	}
	if int(seq) >= f.n || len(b) != f.size {
		f.damaged++
		return
	}
	for i, c := range b[udpHead:] {
		if c != byte(int(seq)+i*13) {
			f.damaged++
			return
		}
	}
	if f.got[seq] {
		f.doubled++
		return
	}
	f.got[seq] = true
	f.count, f.moved = f.count+1, time.Now()
}

// push sends what may be sent; f.mu is held. The head is written last, so that
// the newest count goes out.
func (f *flow) push(c *net.UDPConn, tick bool) {
	if f.heard {
		for f.sent < f.n && f.sent-f.acked-f.given < udpWindow {
			c.WriteToUDPAddrPort(f.datagram(f.sent), f.to)
			f.sent++
			tick = false
		}
	}
	late := f.heard && time.Since(f.moved) > udpLate
	if late && f.sent < f.n {
		f.given, f.moved = f.sent-f.acked, time.Now()
	}
	if tick {
		c.WriteToUDPAddrPort(f.datagram(udpNone), f.to)
	}
	if over := f.acked == f.n && f.count == f.n || late && f.sent == f.n; over && !f.ended {
		f.ended = true
		close(f.done)
	}
}

// converse runs all flows over one socket until stop is closed; each flow closes
// its done when it is through.
func converse(c *net.UDPConn, flows map[netip.AddrPort]*flow, stop <-chan struct{}) {
	go func() {
		for {
			select {
			case <-stop:
				c.Close()
				return
			case <-time.After(udpTick):
				for _, f := range flows {
					f.mu.Lock()
					f.push(c, true)
					f.mu.Unlock()
				}
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if f := flows[netip.AddrPortFrom(from.Addr().Unmap(), from.Port())]; f != nil {
			f.mu.Lock()
			had := f.count
			f.take(buf[:n])
			f.push(c, f.count != had && f.sent == f.n)
			f.mu.Unlock()
		}
	}
}
