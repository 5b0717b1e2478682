package main

import (
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

var peersTest = test{"peers", "the same work on several systems at once: network with all others, disk, processors", func(fs *flag.FlagSet) func(*report) {
	p := &party{}
	addresses := fs.String("peers", "", "addresses of all that take part, ours among them, comma-separated")
	fs.IntVar(&p.pings, "pings", 20, "echo requests to each")
	fs.IntVar(&p.datagrams, "udp", 200, "datagrams to each, and from each")
	fs.IntVar(&p.size, "size", 1000, "bytes of a datagram")
	fs.Int64Var(&p.bytes, "tcp", 256<<10, "bytes to each and back by TCP")
	fs.DurationVar(&p.patience, "wait", 5*time.Minute, "for the slowest")
	burns := fs.Int("burn", 20, "millions of rounds of arithmetic")
	threads := fs.Int("threads", 1, "threads that do these")
	disk := fs.String("dev", "/dev/vda", "disk to write and read, if it is there")
	mib := fs.Int("mib", 4, "MiB to write and read")
	return func(r *report) {
		if !p.open(r, *addresses) {
			return
		}
		var all sync.WaitGroup
		all.Go(func() { p.run(r) })
		all.Go(func() { burn(r, *burns, *threads) })
		if _, err := os.Stat(*disk); err == nil {
			all.Go(func() { diskRun(r, *disk, *mib<<20, true) })
		}
		all.Wait()
	}
}}

// party is one system of several that all talk to each other.
type party struct {
	pings, datagrams, size int
	bytes                  int64
	patience               time.Duration

	others []netip.Addr
	first  int // of the others that comes after us
	udp    *net.UDPConn
	tcp    net.Listener
	over   chan bool // one for each peer that has done all it wanted
}

// open finds our own address among all, and begins to listen.
func (p *party) open(r *report, addresses string) bool {
	return p.openOn(r, addresses, udpPort, tcpPort)
}

// openOn does it on certain ports.
func (p *party) openOn(r *report, addresses string, udp, tcp int) bool {
	ours := map[netip.Addr]bool{}
	list, err := net.InterfaceAddrs()
	if !r.error("our addresses", err) {
		return false
	}
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			ours[prefix.Addr()] = true
		}
	}
	parts := strings.Split(addresses, ",")
	for _, text := range parts {
		a, err := netip.ParseAddr(text)
		if !r.error("peers", err) {
			return false
		}
		if !ours[a] {
			p.others = append(p.others, a)
		} else {
			p.first = len(p.others)
		}
	}
	if !r.check(len(p.others) == len(parts)-1, "%d of the %d peers are ours, want 1; we are %v", len(parts)-len(p.others), len(parts), list) {
		return false
	}
	p.over = make(chan bool, len(p.others))
	if p.udp, err = net.ListenUDP("udp4", &net.UDPAddr{Port: udp}); !r.error("UDP", err) {
		return false
	}
	if !r.error("UDP", keepAll(p.udp)) {
		return false
	}
	p.tcp, err = net.Listen("tcp4", fmt.Sprintf(":%d", tcp))
	return r.error("TCP", err)
}

// next is the peer that comes after us; each one is some other's next.
func (p *party) next() netip.Addr { return p.others[p.first%len(p.others)] }

// run does all that is to do with the others, and stays until they are done.
func (p *party) run(r *report) {
	go p.answer(r)
	flows, stop := map[netip.AddrPort]*flow{}, make(chan struct{})
	for _, a := range p.others {
		to := netip.AddrPortFrom(a, udpPort)
		flows[to] = newFlow(to, p.datagrams, p.size)
	}
	start := time.Now()
	go converse(p.udp, flows, stop)
	defer close(stop)
	limit := time.After(p.patience)
	for _, f := range flows { // a peer that answers has begun to listen
		select {
		case <-f.done:
		case <-limit:
		}
		f.judge(r)
	}
	r.value("peers.udp_seconds", time.Since(start).Seconds())
	for i, a := range p.others {
		ping(r, a, uint16(i), p.pings, p.size)
		r.error("TCP with "+a.String(), askTCP(a, p.bytes))
	}
	for _, a := range p.others {
		r.error("leaving "+a.String(), askTCP(a, 0))
	}
	for range p.others {
		select {
		case <-p.over:
		case <-limit:
			r.check(false, "a peer was not done after %s", p.patience)
			return
		}
	}
	r.value("peers.seconds", time.Since(start).Seconds())
}

// answer serves the others' TCP connections.
func (p *party) answer(r *report) {
	for {
		c, err := p.tcp.Accept()
		if err != nil {
			return
		}
		go func() {
			finished, err := answerTCP(c)
			r.error("TCP from "+c.RemoteAddr().String(), err)
			if finished {
				p.over <- true
			}
		}()
	}
}

// judge reports how a flow went.
func (f *flow) judge(r *report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.value("udp."+f.to.Addr().String(), fmt.Sprintf("sent %d arrived %d came %d", f.sent, f.acked, f.count))
	r.check(f.sent == f.n && f.acked == f.n && f.count == f.n, "UDP with %s: of %d datagrams %d were sent, %d arrived, %d came", f.to.Addr(), f.n, f.sent, f.acked, f.count)
	r.check(f.doubled == 0 && f.damaged == 0, "UDP with %s: %d came twice, %d damaged", f.to.Addr(), f.doubled, f.damaged)
}
