package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/nic"
)

var netTest = test{"net", "bring the network card up, send frames and receive their answers", func(fs *flag.FlagSet) func(*report) {
	o := netFlags(fs)
	return func(r *report) {
		if card := o.up(r); card != "" {
			watch := startWatch(r)
			o.run(r, card)
			watch.end(r)
		}
	}
}}

// netOptions are shared by the tests that use the network.
type netOptions struct {
	addr, peer *string
	frames     *int
	size       *int
}

func netFlags(fs *flag.FlagSet) netOptions {
	return netOptions{
		fs.String("addr", "10.0.2.15/24", "our address"), fs.String("peer", "10.0.2.2", "who answers"),
		fs.Int("frames", 500, "frames to send"), fs.Int("size", 1400, "bytes in each"),
	}
}

// up gives the first card an address and waits for its link.
func (o netOptions) up(r *report) (card string) {
	cards := nic.Cards()
	if len(cards) == 0 {
		r.skip("there is no network card")
		return ""
	}
	address, err := netip.ParsePrefix(*o.addr)
	if !r.error("address", err) || !r.error("network", nic.Up(cards[0], address)) ||
		!r.check(nic.Linked(cards[0], linkPatience), "%s has no link", cards[0]) {
		return ""
	}
	return cards[0]
}

// linkPatience is how long a card may look for its link.
const linkPatience = 10 * time.Second

// statistic reads one of the card's own counters.
func statistic(card, name string) int {
	text, _ := os.ReadFile("/sys/class/net/" + card + "/statistics/" + name)
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}

// window is how many frames may be on their way.
const window = 8

// run sends echo requests (RFC 792) and compares the answers byte by byte.
func (o netOptions) run(r *report, card string) {
	peer, err := netip.ParseAddr(*o.peer)
	if !r.error("peer", err) {
		return
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	if !r.error("socket", err) {
		return
	}
	defer unix.Close(s)
	r.error("time-out", unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}))
	to := &unix.SockaddrInet4{Addr: peer.As4()}
	rx, tx, start := statistic(card, "rx_packets"), statistic(card, "tx_packets"), time.Now()
	p := pings{r: r, socket: s, to: to, id: uint16(os.Getpid()), size: *o.size, got: make([]bool, *o.frames)}
	p.converse(*o.frames)
	r.value("net.card", card)
	r.value("net.seconds", time.Since(start).Seconds())
	r.value("net.sent", p.sent)
	r.value("net.answered", p.answered)
	r.value("net.doubled", p.doubled)
	r.value("net.repeated", p.timeouts)
	r.value("net.rx_packets", statistic(card, "rx_packets")-rx)
	r.value("net.tx_packets", statistic(card, "tx_packets")-tx)
	r.check(p.answered == *o.frames, "%d of %d frames were answered", p.answered, *o.frames)
	r.check(p.damaged == 0, "%d answers were damaged", p.damaged)
}

// pings is one conversation.
type pings struct {
	r                                          *report
	socket                                     int
	to                                         unix.Sockaddr
	id                                         uint16
	size                                       int
	got                                        []bool
	sent, answered, doubled, damaged, timeouts int
}

// converse sends n requests and takes their answers, until too many are lost.
func (p *pings) converse(n int) {
	for p.answered < n && p.timeouts < 5 {
		for p.sent < n && p.sent-p.answered < window {
			if !p.r.error("send", p.send(p.sent)) {
				return
			}
			p.sent++
		}
		p.receive()
	}
}

// message is echo request (8) or reply (0) number n.
func (p *pings) message(kind byte, n int) []byte {
	m := make([]byte, 8+p.size)
	m[0] = kind
	binary.BigEndian.PutUint16(m[4:], p.id)
	binary.BigEndian.PutUint16(m[6:], uint16(n))
	for i := range m[8:] {
		m[8+i] = byte(i*7 + n)
	}
	sum := uint32(0)
	for i := 0; i+1 < len(m); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(m[i:]))
	}
	if len(m)%2 == 1 {
		sum += uint32(m[len(m)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	binary.BigEndian.PutUint16(m[2:], ^uint16(sum))
	return m
}

func (p *pings) send(n int) error { return unix.Sendto(p.socket, p.message(8, n), 0, p.to) }

// receive takes one answer. If none comes, what is unanswered is sent again: the
// peer may drop frames, but the card may not fall silent.
func (p *pings) receive() {
	var buf [4096]byte
	n, _, err := unix.Recvfrom(p.socket, buf[:], 0)
	if err == unix.EAGAIN {
		p.timeouts++
		for i := range p.got[:p.sent] {
			if !p.got[i] {
				p.r.error("send", p.send(i))
			}
		}
		return
	}
	if err != nil || n < 28 {
		return
	}
	m := buf[int(buf[0]&15)*4 : n]
	if len(m) < 8 || m[0] != 0 || binary.BigEndian.Uint16(m[4:]) != p.id {
		return // not an answer to us
	}
	seq := int(binary.BigEndian.Uint16(m[6:]))
	if seq >= p.sent {
		return
	}
	if string(m[8:]) != string(p.message(0, seq)[8:]) {
		p.damaged++
	}
	if p.got[seq] {
		p.doubled++
		return
	}
	p.got[seq] = true
	p.answered++
}

var loadTest = test{"load", "disk and network at once, with interrupts counted on both sides", func(fs *flag.FlagSet) func(*report) {
	d, n := diskFlags(fs), netFlags(fs)
	return func(r *report) {
		dev, card := d.find(r), n.up(r)
		if dev == "" || card == "" {
			return
		}
		watch := startWatch(r)
		done := make(chan bool)
		go func() { diskRun(r, dev, *d.mib<<20, true); done <- true }()
		n.run(r, card)
		<-done
		sum := watch.end(r)
		// A card may interrupt for each frame either way, a disk for each sector.
		limit := uint64(4**n.frames + *d.mib<<20/512*2*2 + 1000)
		r.check(sum <= limit, "%d interrupts for so little work: a line storms", sum)
		r.value("load.interrupts", fmt.Sprint(sum))
	}
}}
