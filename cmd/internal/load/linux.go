package load

import (
	"perdure/partition/abi"
	"perdure/partition/linux"
)

// linuxPlan boots a bzImage or an ELF file by Linux' 64-bit boot protocol. A
// bzImage is unpacked here, which spares the guest its decompressor; one that
// cannot be unpacked, or does not fit so, boots as it is.
func linuxPlan(q Request) (*Plan, error) {
	if len(q.Modules) > 0 {
		return nil, &Error{"Linux takes no modules", `use initrd = "…"`}
	}
	r := linux.Request{Kernel: q.Kernel, Initrd: q.Initrd, Memory: memoryMap(q.Memory), Cmdline: q.Cmdline, RSDP: abi.TablesAt}
	note := ""
	if isBzImage(q.Kernel) {
		inner, err := q.inner()
		if err == nil {
			r.Kernel = inner
			if p, err := linux.MakePlan(r); err == nil {
				return fromLinux(p, r, "bzImage, unpacked", ""), nil
			}
			r.Kernel = q.Kernel
			note = "it does not fit unpacked, so it unpacks itself"
		} else {
			note = "it unpacks itself: " + err.Error()
		}
	}
	p, err := linux.MakePlan(r)
	if err != nil {
		return nil, err
	}
	return fromLinux(p, r, p.Kind, note), nil
}

// fromLinux turns a plan of package linux into one of ours. Zeros need no piece:
// a guest's memory is zeros.
func fromLinux(p *linux.Plan, r linux.Request, kind, note string) *Plan {
	to := &Plan{Kind: kind, Note: note}
	for _, s := range p.Steps {
		var from []byte
		switch s.From {
		case linux.FromKernel:
			from = r.Kernel
		case linux.FromInitrd:
			from = r.Initrd
		case linux.FromPlan:
			from = p.Data
		default:
			continue
		}
		to.Pieces = append(to.Pieces, Piece{uint64(s.To), from[s.Off : s.Off+s.N]})
	}
	e := p.Entry
	to.Entry = abi.Entry{
		Mode: abi.EntryLong, RIP: uint64(e.RIP), RSP: uint64(e.RSP), RSI: uint64(e.RSI), CR3: uint64(e.CR3),
		GDT: uint64(e.GDT), GDTLimit: e.GDTLimit, CS: uint32(e.CS), DS: uint32(e.DS),
	}
	to.Entry.Header = abi.HeaderOf(&to.Entry)
	return to
}
