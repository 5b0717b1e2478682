package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"perdure/kernel/x86"
)

// A beacon is a datagram: a mark, what it is, its number, and when it was sent by
// the TSC, which is the same for all partitions. None is ever sent again.
const (
	beaconMark  = 0x50455257
	beaconSize  = 24
	beaconHello = 0 // answered; says that we are there
	beaconProbe = 1 // answered, and counted
	beaconBye   = 2 // answered; says that we have seen all our answers, and how many probes we sent
	beaconReply = 16
	beaconPort  = 7011
	// beaconLate is how long the last answers may take.
	beaconLate = 10 * time.Second
)

// sample is one probe as its receiver saw it.
type sample struct{ sent, delay uint64 }

// beam is what one peer and we send each other at a fixed rate.
type beam struct {
	to netip.AddrPort

	mu       sync.Mutex
	heard    bool // it has answered
	bye      bool // it needs us no more
	theirs   int  // probes that it has sent, once it says bye
	answered []bool
	answers  int
	came     []bool // its probes
	samples  []sample
	doubled  int // probes or answers that came twice
	damaged  int
}

// beams are all of ours, over one socket.
type beams struct {
	c    *net.UDPConn
	n    int
	gap  time.Duration
	late time.Duration // how long the last answers may take
	all  map[netip.AddrPort]*beam
	over chan struct{} // closed when the first peer needs us no more
	once sync.Once
}

// newBeams makes beams of n probes at most to each peer.
func newBeams(c *net.UDPConn, peers []netip.AddrPort, n int, gap time.Duration) *beams {
	b := &beams{c: c, n: n, gap: gap, late: beaconLate, all: map[netip.AddrPort]*beam{}, over: make(chan struct{})}
	for _, to := range peers {
		b.all[to] = &beam{to: to, answered: make([]bool, n), samples: make([]sample, 0, n)}
	}
	return b
}

func beacon(kind, seq uint32, tsc uint64) []byte {
	b := binary.BigEndian.AppendUint32(nil, beaconMark)
	b = binary.BigEndian.AppendUint32(b, kind)
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint64(b, tsc)
	return binary.BigEndian.AppendUint32(b, ^seq)
}

// take notes what came, at TSC now, and returns the answer to it, if any.
func (b *beam) take(m []byte, now uint64) (answer []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(m) != beaconSize || binary.BigEndian.Uint32(m) != beaconMark || binary.BigEndian.Uint32(m[20:]) != ^binary.BigEndian.Uint32(m[8:]) {
		b.damaged++
		return nil
	}
	kind, seq, tsc := binary.BigEndian.Uint32(m[4:]), int(binary.BigEndian.Uint32(m[8:])), binary.BigEndian.Uint64(m[12:])
	switch kind {
	case beaconProbe:
		for len(b.came) <= seq && seq < 1<<20 {
			b.came = append(b.came, false)
		}
		if seq >= len(b.came) {
			b.damaged++
			return nil
		}
		if b.came[seq] {
			b.doubled++
		}
		b.came[seq] = true
		b.samples = append(b.samples, sample{tsc, now - tsc})
	case beaconProbe | beaconReply:
		switch {
		case seq >= len(b.answered):
			b.damaged++
		case b.answered[seq]:
			b.doubled++
		default:
			b.answered[seq] = true
			b.answers++
		}
		return nil
	case beaconHello | beaconReply:
		b.heard = true
		return nil
	case beaconBye:
		b.bye, b.theirs = true, seq
	case beaconHello:
	default:
		return nil
	}
	return beacon(kind|beaconReply, uint32(seq), tsc)
}

// listen takes what comes, until the socket is closed.
func (b *beams) listen() {
	buf := make([]byte, 2048)
	for {
		n, from, err := b.c.ReadFromUDPAddrPort(buf)
		now := x86.RDTSC()
		if err != nil {
			return
		}
		if one := b.all[netip.AddrPortFrom(from.Addr().Unmap(), from.Port())]; one != nil {
			if answer := one.take(buf[:n], now); answer != nil {
				b.c.WriteToUDPAddrPort(answer, one.to)
			}
			if one.gone() {
				b.once.Do(func() { close(b.over) })
			}
		}
	}
}

// gone reports whether the peer needs us no more.
func (b *beam) gone() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bye
}

// send sends a beacon to every peer that want chooses, and reports whether there was any.
func (b *beams) send(kind uint32, seq int, want func(*beam) bool) (any bool) {
	for _, one := range b.all {
		one.mu.Lock()
		wanted := want(one)
		one.mu.Unlock()
		if wanted {
			any = true
			b.c.WriteToUDPAddrPort(beacon(kind, uint32(seq), x86.RDTSC()), one.to)
		}
	}
	return any
}

// meet waits until every peer has answered once.
func (b *beams) meet(patience time.Duration) bool {
	for limit := time.Now().Add(patience); b.send(beaconHello, 0, func(o *beam) bool { return !o.heard }); time.Sleep(udpTick) {
		if time.Now().After(limit) {
			return false
		}
	}
	return true
}

// probe sends the numbered ones at their rate until stop is closed, then waits for
// the last answers, and until no peer needs us any more.
func (b *beams) probe(patience time.Duration, stop <-chan struct{}) {
	begin, seq := time.Now(), 0
	for over := false; seq < b.n && !over; {
		select {
		case <-stop:
			over = true
		case <-time.After(time.Until(begin.Add(time.Duration(seq) * b.gap))):
			b.send(beaconProbe, seq, func(*beam) bool { return true })
			seq++
		}
	}
	b.n = seq
	missing := func(o *beam) bool { return o.answers < b.n }
	some := func(f func(*beam) bool) bool {
		return slices.ContainsFunc(b.list(), func(o *beam) bool { o.mu.Lock(); defer o.mu.Unlock(); return f(o) })
	}
	for limit := time.Now().Add(b.late); some(missing) && time.Now().Before(limit); {
		time.Sleep(udpTick)
	}
	for limit := time.Now().Add(patience); some(func(o *beam) bool { return !o.bye }) && time.Now().Before(limit); time.Sleep(udpTick) {
		b.send(beaconBye, b.n, func(*beam) bool { return true })
	}
	for range 5 { // a peer that has not heard it yet
		b.send(beaconBye, b.n, func(*beam) bool { return true })
		time.Sleep(udpTick)
	}
}

// list gives the beams in the order of their addresses.
func (b *beams) list() (list []*beam) {
	for _, one := range b.all {
		list = append(list, one)
	}
	slices.SortFunc(list, func(x, y *beam) int {
		return cmp.Or(x.to.Addr().Compare(y.to.Addr()), cmp.Compare(x.to.Port(), y.to.Port()))
	})
	return list
}

// judge reports how it went. With samples every probe that came is printed.
func (b *beam) judge(r *report, n int, samples bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	who, most := b.to.Addr(), uint64(0)
	for _, s := range b.samples {
		most = max(most, s.delay)
		if samples {
			r.value(fmt.Sprintf("sample.%v", who), fmt.Sprintf("%d %d", s.sent, s.delay))
		}
	}
	holes := b.theirs
	for _, came := range b.came {
		if came {
			holes--
		}
	}
	r.value(fmt.Sprintf("witness.udp.%v", who), fmt.Sprintf("sent %d answered %d came %d longest %d", n, b.answers, len(b.samples), most))
	r.check(b.answers == n, "UDP with %v: of %d datagrams %d were answered", who, n, b.answers)
	r.check(b.bye, "UDP from %v: it does not say how many it has sent", who)
	r.check(holes == 0 && b.theirs > 0, "UDP from %v: %d of %d did not come", who, holes, b.theirs)
	r.check(b.doubled == 0 && b.damaged == 0, "UDP with %v: %d came twice, %d damaged", who, b.doubled, b.damaged)
}
