package load

import (
	"fmt"
	"math"

	"perdure/boot"
	"perdure/boot/le"
	"perdure/partition/abi"
)

// The Multiboot Specification, version 0.6.96, sections "The layout of Multiboot
// header", "Machine state" and "Boot information format".
const (
	mbSearch  = 8192 // the header lies in so many bytes
	mbMagic   = 0x1badb002
	mbAlign   = 1 << 0 // wants modules on pages
	mbMemory  = 1 << 1 // wants the memory's size
	mbVideo   = 1 << 2 // wants a video mode
	mbAddress = 1 << 16
	mbMust    = 0xffff // flags that a loader must understand
	mbHeadLen = 12
	mbLongLen = 32 // with the addresses

	mbEAX         = 0x2badb002
	mbInfoLen     = 120
	mbInfoMemory  = 1 << 0
	mbInfoCmdline = 1 << 2
	mbInfoModules = 1 << 3
	mbInfoMap     = 1 << 6
	mbInfoLoader  = 1 << 9
	mbModLen      = 16
	mbMapLen      = 24

	mb2Search = 32768
	mb2Magic  = 0xe85250d6
)

// mbHeader is a multiboot header.
type mbHeader struct {
	off                                  uint64 // in the file
	flags                                uint32
	header, load, loadEnd, bssEnd, entry uint32
}

// multibootHeader looks for a multiboot header.
func multibootHeader(b []byte) (h mbHeader, ok bool) {
	for off := 0; off+mbHeadLen <= min(len(b), mbSearch); off += 4 {
		if le.U32(b, off) != mbMagic || le.U32(b, off)+le.U32(b, off+4)+le.U32(b, off+8) != 0 {
			continue
		}
		h = mbHeader{off: uint64(off), flags: le.U32(b, off+4)}
		if h.flags&mbAddress != 0 {
			if off+mbLongLen > len(b) {
				continue
			}
			h.header, h.load, h.loadEnd = le.U32(b, off+12), le.U32(b, off+16), le.U32(b, off+20)
			h.bssEnd, h.entry = le.U32(b, off+24), le.U32(b, off+28)
		}
		return h, true
	}
	return h, false
}

// hasMultiboot2 reports whether a file is for the successor of this protocol.
func hasMultiboot2(b []byte) bool {
	for off := 0; off+16 <= min(len(b), mb2Search); off += 8 {
		if le.U32(b, off) == mb2Magic && le.U32(b, off)+le.U32(b, off+4)+le.U32(b, off+8)+le.U32(b, off+12) == 0 {
			return true
		}
	}
	return false
}

// segments returns what a header with addresses has loaded, and the entry.
func (h mbHeader) segments(b []byte) ([]segment, uint64, error) {
	bad := func(what string) ([]segment, uint64, error) {
		return nil, 0, &Error{"its multiboot header " + what, "build it again, or leave the addresses to ELF"}
	}
	if h.load > h.header || uint64(h.header-h.load) > h.off {
		return bad("says that the file begins after itself")
	}
	off := h.off - uint64(h.header-h.load)
	n := uint64(len(b)) - off
	if h.loadEnd != 0 {
		if h.loadEnd < h.load || uint64(h.loadEnd-h.load) > n {
			return bad("loads more than the file has")
		}
		n = uint64(h.loadEnd - h.load)
	}
	mem := n
	if h.bssEnd != 0 {
		if uint64(h.bssEnd) < uint64(h.load)+n {
			return bad("ends before what it loads")
		}
		mem = uint64(h.bssEnd - h.load)
	}
	if h.entry < h.load || uint64(h.entry-h.load) >= mem {
		return bad("has its entry outside what is loaded")
	}
	return []segment{{uint64(h.load), mem, uint64(h.load), b[off : off+n]}}, uint64(h.entry), nil
}

// multibootPlan boots a kernel by the multiboot protocol.
func multibootPlan(q Request) (*Plan, error) {
	h, ok := multibootHeader(q.Kernel)
	if !ok {
		if hasMultiboot2(q.Kernel) {
			return nil, &Error{"it is a multiboot2 kernel", "build it for multiboot 1, or give it a PVH entry"}
		}
		return nil, &Error{"it has no multiboot header in its first 8 KiB", `use boot = "auto"`}
	}
	if unknown := h.flags & mbMust &^ (mbAlign | mbMemory); unknown == mbVideo {
		return nil, &Error{"its multiboot header asks for a video mode", "a guest has no screen; build it for a serial console"}
	} else if unknown != 0 {
		return nil, &Error{fmt.Sprintf("its multiboot header asks for what is not known, flags %#x", unknown), "build it for multiboot 1"}
	}
	if len(q.Initrd) > 0 {
		return nil, &Error{"a multiboot kernel takes no initrd", `use modules = ["…"]`}
	}
	segs, entry, err := h.segmentsOf(q.Kernel)
	if err != nil {
		return nil, err
	}
	b, err := newBooter(segs, memoryMap(q.Memory))
	if err != nil {
		return nil, err
	}
	mods, err := b.modules(q.Modules)
	if err != nil {
		return nil, err
	}
	info := b.info(q, mods)
	return b.plan("multiboot", abi.Entry{RIP: entry, RAX: mbEAX, RBX: b.data(info)})
}

// segmentsOf returns what is loaded, by the header's addresses or as ELF.
func (h mbHeader) segmentsOf(b []byte) ([]segment, uint64, error) {
	if h.flags&mbAddress != 0 {
		return h.segments(b)
	}
	f, err := readELF(b)
	if err != nil {
		return nil, 0, err
	}
	entry, ok := f.physical(f.entry)
	if !ok || entry > math.MaxUint32 {
		return nil, 0, elfError("has its entry outside what is loaded")
	}
	return f.segs, entry, nil
}

// info returns the multiboot information.
func (b *booter) info(q Request, mods []span) []byte {
	info := make([]byte, mbInfoLen)
	memory := memoryMap(q.Memory)
	le.Put32(info, 0, mbInfoMemory|mbInfoCmdline|mbInfoModules|mbInfoMap|mbInfoLoader)
	for _, r := range memory {
		switch {
		case r.Kind != boot.RAM:
		case r.Start == 0:
			le.Put32(info, 4, uint32(r.Size>>10))
		case r.Start == high:
			le.Put32(info, 8, uint32(r.Size>>10))
		}
	}
	le.Put32(info, 16, uint32(b.text(q.Cmdline)))
	list := make([]byte, len(mods)*mbModLen)
	for i, m := range mods {
		le.Put32(list, i*mbModLen, uint32(m.at))
		le.Put32(list, i*mbModLen+4, uint32(m.end))
		le.Put32(list, i*mbModLen+8, uint32(b.text(q.Modules[i].Line)))
	}
	le.Put32(info, 20, uint32(len(mods)))
	le.Put32(info, 24, uint32(b.data(list)))
	table := make([]byte, len(memory)*mbMapLen)
	for i, r := range memory {
		e := table[i*mbMapLen:]
		le.Put32(e, 0, mbMapLen-4)
		le.Put64(e, 4, uint64(r.Start))
		le.Put64(e, 12, r.Size)
		le.Put32(e, 20, uint32(r.Kind))
	}
	le.Put32(info, 44, uint32(len(table)))
	le.Put32(info, 48, uint32(b.data(table)))
	le.Put32(info, 64, uint32(b.text("Perdure")))
	return info
}
