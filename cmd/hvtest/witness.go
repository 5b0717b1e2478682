package main

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

var witnessTest = test{"witness", "for a time, notice whatever a system could notice of what goes on below it", func(fs *flag.FlagSet) func(*report) {
	w := &observer{}
	fs.DurationVar(&w.time, "for", 20*time.Second, "how long at most; it ends for all when it ends for one")
	fs.StringVar(&w.marks, "marks", "", "make the file MARKS.begun at the beginning, and end when there is MARKS.over")
	fs.StringVar(&w.peers, "peers", "", "addresses of all that take part, ours among them, comma-separated; none: no network")
	fs.DurationVar(&w.gap, "gap", 20*time.Millisecond, "between datagrams to each peer")
	fs.DurationVar(&w.blocks, "blocks", 50*time.Millisecond, "between blocks of a TCP stream to the next peer; 0: no stream")
	fs.StringVar(&w.disk, "dev", "/dev/vda", "disk to write and read, if it is there")
	fs.IntVar(&w.kib, "kib", 1024, "KiB of it, again and again, in pieces of 128")
	fs.DurationVar(&w.pause, "pause", 500*time.Millisecond, "between two rounds of disk contents, and of sums")
	fs.IntVar(&w.spin, "spin", 10, "percent of each processor's time in which its TSC is watched")
	fs.DurationVar(&w.tick, "tick", 10*time.Millisecond, "between the timer's ticks")
	fs.DurationVar(&w.patience, "wait", 5*time.Minute, "for the slowest peer")
	fs.BoolVar(&w.gaps, "gaps", false, "print the longest gap of the TSC in each stretch of time")
	fs.BoolVar(&w.samples, "samples", false, "print every datagram that came: when it was sent, and how long it took, by the TSC")
	return w.run
}}

// observer is what one system notices.
type observer struct {
	time, gap, blocks, tick, patience, pause time.Duration
	peers, disk, marks                       string
	kib, spin                                int
	samples, gaps                            bool
}

func (w *observer) run(r *report) {
	said := kernelLog()
	p := &party{}
	var b *beams
	if w.peers != "" {
		if b = w.open(r, p); b == nil {
			return
		}
		if !r.check(b.meet(w.patience), "not all peers are there after %v", w.patience) {
			return
		}
	}
	fmt.Fprintln(r.out, "witness begins")
	if w.marks != "" {
		r.error("marks", os.WriteFile(w.marks+begunMark, nil, 0o644))
	}
	stop := make(chan struct{})
	go w.clock(b, stop)
	var all sync.WaitGroup
	w.watch(r, &all, stop)
	if b != nil {
		all.Go(func() { b.probe(w.patience, stop) })
		if w.blocks != 0 {
			all.Go(func() { w.stream(r, p, stop) })
		}
	}
	all.Wait()
	if b != nil {
		b.c.Close()
		for _, one := range b.list() {
			one.judge(r, b.n, w.samples)
		}
	}
	complaints(r, said)
}

// clock closes stop when it is time to end.
func (w *observer) clock(b *beams, stop chan struct{}) {
	defer close(stop)
	var over chan struct{}
	if b != nil {
		over = b.over
	}
	for end := time.Now().Add(w.time); time.Now().Before(end); {
		select {
		case <-over:
			return
		case <-time.After(min(udpTick, time.Until(end))):
		}
		if _, err := os.Stat(w.marks + overMark); err == nil {
			return
		}
	}
}

// open begins to listen, and finds the others.
func (w *observer) open(r *report, p *party) *beams {
	if !p.openOn(r, w.peers, beaconPort, streamPort) {
		return nil
	}
	var peers []netip.AddrPort
	for _, a := range p.others {
		peers = append(peers, netip.AddrPortFrom(a, beaconPort))
	}
	b := newBeams(p.udp, peers, int(w.time/w.gap), w.gap)
	go b.listen()
	go func() {
		for {
			c, err := p.tcp.Accept()
			if err != nil {
				return
			}
			go func() {
				n, err := takeStream(c)
				r.error("TCP stream from "+c.RemoteAddr().String(), err)
				r.value("witness.tcp.came", n)
				p.over <- true
			}()
		}
	}()
	return b
}

// stream sends to the next peer, and takes what the one before us sends.
func (w *observer) stream(r *report, p *party, stop <-chan struct{}) {
	n, err := askStream(netip.AddrPortFrom(p.next(), streamPort), w.blocks, stop)
	r.error("TCP stream", err)
	r.value("witness.tcp.sent", n)
	select {
	case <-p.over:
	case <-time.After(w.patience):
		r.check(false, "no TCP stream came to its end in %v", w.patience)
	}
	p.tcp.Close()
}

// watch begins everything that needs no peers.
func (w *observer) watch(r *report, all *sync.WaitGroup, stop <-chan struct{}) {
	for cpu := range runtime.NumCPU() {
		if w.spin == 0 {
			break
		}
		all.Go(func() {
			g, err := watchTSC(cpu, w.spin, stop)
			r.error("TSC", err)
			r.value(fmt.Sprintf("witness.gap.%d", cpu), fmt.Sprintf("%d at %d, of %d", g.longest, g.at, g.reads))
			if w.gaps {
				r.value(fmt.Sprintf("gaps.%d", cpu), g.text())
			}
			r.check(g.back == 0, "the TSC of processor %d went back %d times", cpu, g.back)
		})
	}
	all.Go(func() {
		l := watchTimer(w.tick, stop)
		r.value("witness.timer", fmt.Sprintf("%d µs late at most, of %d ticks", l.longest.Microseconds(), l.ticks))
		r.check(l.early == 0, "the timer was early %d times", l.early)
	})
	all.Go(func() {
		rounds, wrong := again(stop, w.pause, func() bool { return work(1e5) == work(1e5) })
		r.value("witness.sums", rounds)
		r.check(wrong == 0, "%d of %d sums were wrong", wrong, rounds)
	})
	if _, err := os.Stat(w.disk); err == nil {
		all.Go(func() {
			quiet := &report{out: r.out, silent: true}
			rounds, _ := again(stop, w.pause, func() bool { diskRun(quiet, w.disk, w.kib<<10, true); return !quiet.failed })
			r.value("witness.disk", rounds)
			r.check(!quiet.failed, "what was written to %s is not what was read", w.disk)
		})
	}
}

// again does something with pauses until stop is closed, and counts.
func again(stop <-chan struct{}, pause time.Duration, do func() bool) (rounds, wrong int) {
	for {
		rounds++
		if !do() {
			wrong++
		}
		select {
		case <-stop:
			return rounds, wrong
		case <-time.After(pause):
		}
	}
}

// alarming is what a kernel says when it has noticed something.
var alarming = regexp.MustCompile(`(?i)soft lockup|hard lockup|rcu.*(stall|detected)|hung task|blocked for more|unstable|clocksource.*skew|lost.*interrupt|NETDEV WATCHDOG|I/O error|\bBUG\b|Oops`)

// kernelLog gives all that the kernel has said.
func kernelLog() string {
	buf := make([]byte, 1<<20)
	n, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// complaints looks for alarming lines that the kernel has said since.
func complaints(r *report, before string) {
	known := map[string]bool{}
	for line := range strings.Lines(before) {
		known[line] = true
	}
	for line := range strings.Lines(kernelLog()) {
		r.check(known[line] || !alarming.MatchString(line), "the kernel says: %s", strings.TrimSpace(line))
	}
}
