package main

import (
	"flag"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

var pingTest = test{"ping", "send echo requests and compare the answers: ping ADDRESS…", func(fs *flag.FlagSet) func(*report) {
	n, size := fs.Int("n", 20, "requests to each"), fs.Int("size", 1000, "bytes in each")
	return func(r *report) {
		r.check(fs.NArg() > 0, "want addresses")
		for i, text := range fs.Args() {
			peer, err := netip.ParseAddr(text)
			if r.error("peer", err) {
				ping(r, peer, uint16(i), *n, *size)
			}
		}
	}
}}

// ping sends n echo requests to a peer. What is lost is sent again and counted.
func ping(r *report, peer netip.Addr, id uint16, n, size int) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	if !r.error("socket", err) {
		return
	}
	defer unix.Close(s)
	r.error("time-out", unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}))
	start := time.Now()
	p := pings{r: r, socket: s, to: &unix.SockaddrInet4{Addr: peer.As4()}, id: pingID<<8 | id, size: size, got: make([]bool, n)}
	p.converse(n)
	name := "ping." + peer.String()
	r.value(name+".seconds", time.Since(start).Seconds())
	r.value(name+".repeated", p.timeouts)
	r.check(p.answered == n, "%s answered %d of %d requests", peer, p.answered, n)
	r.check(p.damaged == 0, "%s: %d answers were damaged", peer, p.damaged)
	r.check(p.doubled == 0 || p.timeouts > 0, "%s: %d answers came twice", peer, p.doubled)
}

// pingID is the upper half of our requests' identifiers.
const pingID = 0x50
