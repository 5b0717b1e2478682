package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
)

var pulseTest = test{"pulse", "send a datagram each millisecond, which the other system answers: pulse OURS THEIRS, on both", func(fs *flag.FlagSet) func(*report) {
	p := &pulse{}
	fs.DurationVar(&p.gap, "gap", time.Millisecond, "between two datagrams")
	fs.DurationVar(&p.time, "for", 10*time.Second, "how long at most")
	fs.DurationVar(&p.wait, "wait", time.Minute, "for the other one")
	fs.StringVar(&p.marks, "marks", "", "make the file MARKS.begun at the beginning, and end when there is MARKS.over")
	return func(r *report) {
		from, err := netip.ParseAddr(fs.Arg(0))
		r.error("the first address", err)
		to, err := netip.ParseAddr(fs.Arg(1))
		if !r.error("the second address", err) || r.failed {
			return
		}
		runtime.GOMAXPROCS(runtime.NumCPU() + 2) // threads that wait keep theirs
		debug.SetGCPercent(-1)                   // it would wait for them
		if ours, err := isOurs(from); r.error("our addresses", err) && ours {
			p.beat(r, from, to)
		} else {
			p.answer(r, to, from)
		}
	}
}}

// pulse is one end of it. Both ends wait in raw system calls: a Go program that waits a
// thousand times in a second in any other way has its runtime look after it fifty times
// as often.
type pulse struct {
	gap, time, wait time.Duration
	marks           string
	line            line

	sent, answered, doubled, damaged atomic.Int64
	got                              []bool
	met, bye                         atomic.Bool
	theirs                           [3]uint32 // what the other end says at last: came, doubled, damaged
	longest                          uint64    // ticks from a datagram to its answer
}

// A datagram is a mark, what it is, its number, three numbers of who answers, and the
// TSC of who sent it.
const (
	pulseMark  = 0x50554c53
	pulseSize  = 32
	pulseHello = 0
	pulseBeat  = 1
	pulseBye   = 2
	pulseReply = 16
)

func pulsed(kind, seq uint32, say [3]uint32, tsc uint64) []byte {
	b := binary.BigEndian.AppendUint32(nil, pulseMark)
	for _, v := range []uint32{kind, seq, say[0], say[1], say[2]} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return binary.BigEndian.AppendUint64(b, tsc)
}

// beat sends, and judges what comes back.
func (p *pulse) beat(r *report, ours, to netip.Addr) {
	var err error
	if p.line, err = openLine(ours, to); !r.error("socket", err) {
		return
	}
	defer p.line.shut()
	p.got = make([]bool, int(p.time/p.gap))
	go p.listen()
	if !p.until(pulseHello, p.met.Load) {
		r.check(false, "%v does not answer", to)
		return
	}
	if p.marks != "" {
		r.error("marks", os.WriteFile(p.marks+begunMark, nil, 0o644))
	}
	var over, ended atomic.Bool
	go func() { p.send(&over); ended.Store(true) }()
	for end := time.Now().Add(p.time); !ended.Load(); time.Sleep(udpTick) {
		if _, err := os.Stat(p.marks + overMark); err == nil || time.Now().After(end) {
			over.Store(true)
		}
	}
	for limit := time.Now().Add(beaconLate); p.answered.Load() < p.sent.Load() && time.Now().Before(limit); {
		time.Sleep(udpTick)
	}
	r.check(p.until(pulseBye, p.bye.Load), "%v does not say how many came", to)
	n := p.sent.Load()
	r.value("pulse", fmt.Sprintf("sent %d came %d answered %d doubled %d %d longest %d", n, p.theirs[0], p.answered.Load(), p.theirs[1], p.doubled.Load(), p.longest))
	r.check(n > 0 && int64(p.theirs[0]) == n && p.answered.Load() == n, "of %d datagrams %d came, and %d answers came back", n, p.theirs[0], p.answered.Load())
	r.check(p.theirs[1] == 0 && p.doubled.Load() == 0, "%d datagrams came twice, and %d answers", p.theirs[1], p.doubled.Load())
	r.check(p.theirs[2] == 0 && p.damaged.Load() == 0, "%d datagrams were damaged, and %d answers", p.theirs[2], p.damaged.Load())
}

// until sends something now and then until it is so, or for too long.
func (p *pulse) until(kind uint32, so func() bool) bool {
	for limit := time.Now().Add(p.wait); !so(); time.Sleep(udpTick) {
		if time.Now().After(limit) {
			return false
		}
		p.line.send(pulsed(kind, uint32(p.sent.Load()), [3]uint32{}, x86.RDTSC()))
	}
	return true
}

// send sends one after the other, each when it is time.
func (p *pulse) send(over *atomic.Bool) {
	lock()
	begin := monotonic()
	for i := 0; i < len(p.got) && !over.Load(); i++ {
		sleepUntil(begin + int64(i)*int64(p.gap))
		p.line.send(pulsed(pulseBeat, uint32(i), [3]uint32{}, x86.RDTSC()))
		p.sent.Add(1)
	}
}

// listen takes answers.
func (p *pulse) listen() {
	lock()
	b := make([]byte, 2048)
	for {
		n, err := p.line.receive(b)
		now := x86.RDTSC()
		if err == unix.ECONNREFUSED {
			continue // nobody listens there yet
		}
		if err != nil || n == 0 {
			return // shut
		}
		kind, seq, ok := parted(b[:n])
		switch {
		case !ok || kind == pulseBeat|pulseReply && int(seq) >= len(p.got):
			p.damaged.Add(1)
		case kind == pulseHello|pulseReply:
			p.met.Store(true)
		case kind == pulseBye|pulseReply:
			for i := range p.theirs {
				p.theirs[i] = binary.BigEndian.Uint32(b[12+4*i:])
			}
			p.bye.Store(true)
			return
		case p.got[seq]:
			p.doubled.Add(1)
		default:
			p.longest = max(p.longest, now-binary.BigEndian.Uint64(b[24:]))
			p.got[seq] = true
			p.answered.Add(1)
		}
	}
}

// parted looks whether a datagram is one of ours.
func parted(b []byte) (kind, seq uint32, ok bool) {
	if len(b) != pulseSize || binary.BigEndian.Uint32(b) != pulseMark {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), true
}

// answer answers what comes, until the other one says goodbye.
func (p *pulse) answer(r *report, ours, from netip.Addr) {
	var err error
	if p.line, err = openLine(ours, from); !r.error("socket", err) {
		return
	}
	defer p.line.shut()
	go p.echo()
	for limit := time.Now().Add(p.time + p.wait); !p.bye.Load() && time.Now().Before(limit); {
		time.Sleep(udpTick)
	}
	time.Sleep(5 * udpTick) // our answer may not have come
	r.value("pulse", fmt.Sprintf("came %d doubled %d damaged %d", p.theirs[0], p.theirs[1], p.theirs[2]))
	r.check(p.bye.Load(), "the other system does not say that it is over")
}

func (p *pulse) echo() {
	lock()
	b, seen := make([]byte, 2048), make([]bool, int(p.time/p.gap))
	for {
		n, err := p.line.receive(b)
		if err == unix.ECONNREFUSED {
			continue
		}
		if err != nil || n == 0 {
			return // shut
		}
		kind, seq, ok := parted(b[:n])
		switch {
		case !ok || kind == pulseBeat && int(seq) >= len(seen):
			p.theirs[2]++
			continue
		case kind == pulseBeat && seen[seq]:
			p.theirs[1]++
		case kind == pulseBeat:
			seen[seq] = true
			p.theirs[0]++
		case kind == pulseBye:
			p.bye.Store(true)
		}
		p.line.send(pulsed(kind|pulseReply, seq, p.theirs, binary.BigEndian.Uint64(b[24:])))
	}
}
