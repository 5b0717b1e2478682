package partition

import (
	"perdure/kernel"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// take reads a record from the caller's memory. It must be a whole one of this
// version of the interface, or an older, shorter one.
func (b *buffer) take(at, size uint64, r abi.Record) abi.Errno {
	if size > abi.MaxBuffer {
		return abi.ErrArgument
	}
	in := scratch.buf[:size]
	if err := b.pages(at, size, false, func(m []byte, off uint64) { copy(in[off:], m) }); err != 0 {
		return err
	}
	if _, err := abi.Decode(in, r, false); err != nil {
		return abi.ErrArgument
	}
	return 0
}

// manage carries out the calls that make and change guests.
func (b *buffer) manage(c *Call) (n, second uint64, err abi.Errno) {
	a := &c.Args
	third := a[2]
	switch abi.Call(c.Number) {
	case abi.CallCreate:
		return b.create(a[0], a[1])
	case abi.CallControl:
		n, err := control(a[0], abi.Op(a[1]))
		return n, third, err
	case abi.CallSet:
		p, err := guest(a[0])
		if err == 0 {
			kernel.Enter(section(c) | abi.Commits)
			err = p.set(abi.Property(a[1]), third)
		}
		return 0, third, err
	case abi.CallLoad:
		return b.load(a[0], a[1], third, a[3])
	case abi.CallEntry:
		return b.entry(a[0], a[1], third)
	case abi.CallDump:
		r, err := dump(a[0], a[1])
		if err != 0 {
			return 0, 0, err
		}
		return b.record(third, a[3], r.Bytes(), third)
	case abi.CallWalk:
		r, err := walk(a[0], a[1], third)
		if err != 0 {
			return 0, 0, err
		}
		return b.record(a[3], a[4], r.Bytes(), third)
	case abi.CallDisk:
		r, err := describeDisk(a[0], a[1])
		if err != 0 {
			return 0, 0, err
		}
		return b.record(third, a[3], r.Bytes(), third)
	case abi.CallPort:
		r, ok := port(a[0], a[1])
		if !ok {
			return 0, 0, abi.ErrNone
		}
		return b.record(third, a[3], r.Bytes(), third)
	case abi.CallResets:
		r, ok := resets(a[0])
		if !ok {
			return 0, 0, abi.ErrNone
		}
		return b.record(a[1], a[2], r.Bytes(), third)
	case abi.CallInject:
		return b.slip(a[0], a[1], third)
	case abi.CallRead:
		return b.hear(a[0], a[1], third, a[3])
	case abi.CallRestart:
		return b.restart(c)
	case abi.CallService:
		return b.service(c)
	}
	return 0, 0, abi.ErrCall
}

// load answers CallLoad: bytes for the memory of a guest that does not run yet.
func (b *buffer) load(id, gpa, at, size uint64) (uint64, uint64, abi.Errno) {
	p, err := guest(id)
	switch {
	case err != 0:
		return 0, 0, err
	case p.State != Created || p.Job != JobNone:
		return 0, 0, abi.ErrState
	case size > abi.MaxLoad || gpa+size < gpa:
		return 0, 0, abi.ErrArgument
	}
	if !p.RAM.Has(gpa, size) {
		return 0, 0, abi.ErrArgument
	}
	kernel.Enter(abi.Section(abi.CallLoad, 0) | abi.Commits)
	err = b.pages(at, size, false, func(m []byte, off uint64) {
		for len(m) > 0 {
			to, _ := p.bytes(gpa+off, min(uint64(len(m)), addr.PageSize-(gpa+off)&(addr.PageSize-1)))
			n := copy(to, m)
			m, off = m[n:], off+uint64(n)
		}
	})
	if err != 0 {
		return 0, b.bad, err
	}
	return size, 0, 0
}

// entry answers CallEntry: how a guest's VP 0 begins.
func (b *buffer) entry(id, at, size uint64) (uint64, uint64, abi.Errno) {
	p, err := guest(id)
	if err != 0 {
		return 0, 0, err
	}
	r := &scratch.entry
	if err := b.take(at, size, r); err != 0 {
		return 0, b.bad, err
	}
	switch {
	case p.State != Created || p.Job != JobNone:
		return 0, 0, abi.ErrState
	case r.Mode != abi.EntryLong && r.Mode != abi.EntryFlat, r.CS > 0xffff || r.DS > 0xffff,
		r.Mode == abi.EntryFlat && (r.RIP|r.RSP|r.GDT)>>32 != 0, !canonical(r.RIP), !canonical(r.GDT), r.CR3&^pteAddr != 0,
		r.CS&0xfff8 == 0 || r.DS&0xfff8 == 0 || (r.CS|r.DS)&7 != 0:
		return 0, 0, abi.ErrArgument
	}
	kernel.Enter(abi.Section(abi.CallEntry, 0) | abi.Commits)
	p.Entry = Entry{
		Mode: uint64(r.Mode), RIP: r.RIP, RSP: r.RSP, RAX: r.RAX, RBX: r.RBX, RSI: r.RSI, CR3: r.CR3,
		GDT: r.GDT, GDTLimit: uint64(r.GDTLimit), CS: uint64(r.CS), DS: uint64(r.DS),
	}
	p.Loaded = 1
	return 0, 0, 0
}

// hear answers CallRead: what a guest's console said.
func (b *buffer) hear(id, from, at, size uint64) (uint64, uint64, abi.Errno) {
	p, err := guest(id)
	if err != 0 {
		return 0, 0, err
	}
	n, next := p.heard(from, scratch.buf[:min(size, abi.MaxBuffer)])
	return b.record(at, size, scratch.buf[:n], next)
}
