package partition

import (
	"runtime"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/partition/abi"
	"perdure/vmx"
)

// caller returns the paging state that v had when it made its call.
func (c *Call) caller(p *Partition) walker {
	return walker{p: p, cr0: c.CR0, cr3: c.CR3, cr4: c.CR4, efer: c.EFER, user: c.User != 0}
}

// serveCall answers the hypercall that v waits for.
func serveCall(v *VP) {
	c := &v.Call
	if spent += leavesCall; abi.Call(c.Number) == abi.CallCheck {
		spent += leavesCheck
	}
	b := buffer{w: c.caller(v.partition())}
	kernel.Enter(section(c))
	n, second, err := b.attempt(c)
	if b.stays {
		v.State = VPStopped
		return
	}
	if err != 0 {
		v.BadCalls++
		n = err.RAX()
		if err != abi.ErrFault {
			second = v.Ctx.Regs[vmx.RDX]
		}
	}
	r := &v.Ctx.Regs
	o := &v.Ctx
	o.OutRAX, o.OutRBX, o.OutRCX, o.OutRDX = n, r[vmx.RBX], r[vmx.RCX], second
	o.OutRIP = c.RIP + c.Len
	o.Commit = uint64(Advance | ABCD) // the commit
	v.resume()
	kernel.Leave()
}

// buffer is a caller's memory that a call writes.
type buffer struct {
	w     walker
	at    uint64
	size  uint64
	bad   uint64 // address of the page that was not there
	stays bool   // the caller gets no answer
}

// attempt is serve for a caller that must have an answer: should a fault of ours
// come between, it may call again.
func (b *buffer) attempt(c *Call) (n, second uint64, err abi.Errno) {
	defer func() {
		if r := recover(); r != nil {
			drop()
			console.Say(console.Err).Str("fault of ours in a call to ").Str(abi.Call(c.Number).String()).Str(": ").Str(text(r)).End()
			err = abi.ErrBusy
		}
	}()
	return b.serve(c)
}

// serve carries out one call.
func (b *buffer) serve(c *Call) (n, second uint64, err abi.Errno) {
	a := &c.Args
	third := a[2]
	switch abi.Call(c.Number) {
	case abi.CallInfo:
		return b.record(a[0], a[1], info().Bytes(), third)
	case abi.CallProcessor:
		if a[0] >= tab.Host.CPUs {
			return 0, 0, abi.ErrNone
		}
		return b.record(a[1], a[2], processor(a[0]).Bytes(), third)
	case abi.CallPartitions:
		return b.partitions(a[0], a[1], a[2])
	case abi.CallCounters:
		r, ok := counters(a[0], a[1])
		if !ok {
			return 0, 0, abi.ErrNone
		}
		return b.record(a[2], a[3], r.Bytes(), third)
	case abi.CallLines:
		r, ok := lines(a[0])
		if !ok {
			return 0, 0, abi.ErrNone
		}
		return b.record(a[1], a[2], r.Bytes(), third)
	case abi.CallLog:
		return b.log(a[0], a[1], a[2])
	case abi.CallTrace:
		return b.trace(a[0], a[1], a[2], a[3])
	case abi.CallCheck:
		r, err := check(a[0])
		if err != 0 {
			return 0, 0, err
		}
		return b.record(a[1], a[2], r.Bytes(), third)
	case abi.CallConsole:
		return b.say(a[0], a[1], third)
	}
	return b.manage(c)
}

// scratch is what the control goroutine puts an answer together in, so that
// answers leave nothing on the heap.
var scratch struct {
	info      abi.Info
	processor abi.Processor
	partition abi.Partition
	counters  abi.Counters
	lines     abi.Lines
	check     Check
	config    abi.Config
	entry     abi.Entry
	walk      abi.Walk
	mem       runtime.MemStats
	buf       [abi.MaxBuffer]byte
}

// record writes as much of a record as fits.
func (b *buffer) record(at, size uint64, r []byte, second uint64) (uint64, uint64, abi.Errno) {
	if size > abi.MaxBuffer {
		size = abi.MaxBuffer
	}
	r = r[:min(uint64(len(r)), size)]
	if err := b.copyOut(at, r); err != 0 {
		return 0, b.bad, err
	}
	return uint64(len(r)), second, 0
}

// copyOut writes r to the caller's memory, all or nothing as far as the pages
// are there.
func (b *buffer) copyOut(at uint64, r []byte) abi.Errno {
	return b.pages(at, uint64(len(r)), true, func(to []byte, off uint64) { copy(to, r[off:]) })
}

// pages calls f for every piece of the caller's memory, after all were found present.
func (b *buffer) pages(at, n uint64, write bool, f func(piece []byte, off uint64)) abi.Errno {
	if at+n < at {
		return abi.ErrArgument
	}
	for _, touch := range []bool{false, true} {
		for off := uint64(0); off < n; {
			la := at + off
			k := min(n-off, 4096-la&4095)
			gpa, ok, _ := b.w.translate(la, write)
			var m []byte
			if ok {
				m, ok = b.w.p.bytes(gpa, k)
			}
			if !ok {
				b.bad = la &^ 4095
				return abi.ErrFault
			}
			if touch {
				f(m, off)
			}
			off += k
		}
	}
	return 0
}

// partitions writes the records of the partitions from index first on.
func (b *buffer) partitions(first, at, size uint64) (uint64, uint64, abi.Errno) {
	out := scratch.buf[:0]
	exist := uint64(0)
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free {
			continue
		}
		exist++
		if r := p.record(); uint64(i) >= first && uint64(len(out)+len(r.Bytes())) <= min(size, abi.MaxBuffer) {
			out = append(out, r.Bytes()...)
		}
	}
	return b.record(at, size, out, exist)
}

// log writes log text from a position on.
func (b *buffer) log(from, at, size uint64) (uint64, uint64, abi.Errno) {
	s := tab.Console
	end := s.LogEnd
	if from == abi.FromEnd || from > end {
		return 0, end, 0
	}
	buf := scratch.buf[:min(size, abi.MaxBuffer)]
	n, next := console.ReadLog(from, buf)
	return b.record(at, size, buf[:n], next)
}

// trace writes trace entries of a processor from a sequence number on.
func (b *buffer) trace(cpu, from, at, size uint64) (uint64, uint64, abi.Errno) {
	if cpu >= tab.Host.CPUs {
		return 0, 0, abi.ErrNone
	}
	c := &tab.CPUs[cpu]
	end := c.Exits
	if from == abi.FromEnd || from > end {
		return 0, end, 0
	}
	if end-from > TraceLen {
		from = end - TraceLen
	}
	out := scratch.buf[:0]
	for ; from < end && uint64(len(out))+abi.TraceEntrySize <= min(size, abi.MaxBuffer); from++ {
		e := c.Trace[from%TraceLen]
		out = append(out, e.Bytes()...)
	}
	return b.record(at, size, out, from)
}

// say prints a line of the caller's on the console.
func (b *buffer) say(at, size, second uint64) (uint64, uint64, abi.Errno) {
	const most = 256
	line := make([]byte, min(size, most))
	if err := b.pages(at, uint64(len(line)), false, func(m []byte, off uint64) { copy(line[off:], m) }); err != 0 {
		return 0, b.bad, err
	}
	for i, ch := range line {
		if ch < ' ' || ch > '~' {
			line[i] = '.'
		}
	}
	kernel.Enter(abi.Section(abi.CallConsole, 0) | abi.Commits)
	if p := b.w.p; p.Kind != Root { // on its own console: the log is not a guest's to fill
		for _, ch := range line {
			p.say(ch, p.Tty.Voice)
		}
		p.say('\n', p.Tty.Voice)
		return uint64(len(line)), second, 0
	}
	console.Say(console.Info).Str("root says: ").Bytes(line).End()
	return uint64(len(line)), second, 0
}
