package linux

import (
	"perdure/boot/le"
	"perdure/mm/addr"
)

// Fields of the zero page outside the setup header. Linux, "Zero Page".
const (
	zpRSDP        = 0x070
	zpRamdiskHigh = 0x0c0
	zpRamSizeHigh = 0x0c4
	zpCmdlineHigh = 0x0c8
	zpE820Count   = 0x1e8
	zpE820        = 0x2d0
	e820Len       = 20
	e820Max       = 128
)

// The first descriptor table: selectors are the boot protocol's.
const (
	bootCS   = 0x10
	bootDS   = 0x18
	flatCode = 0x00af9b000000ffff // present, ring 0, 64-bit code
	flatData = 0x00cf93000000ffff // present, ring 0, data to 4 GiB
)

// Bits of a page-table entry, and how many GiB the first tables map.
const (
	pteTable = 3        // present, writable
	ptePage  = 3 | 1<<7 // and a large page
	mapGiB   = 4
)

// bootArea is the memory that only the first instructions of the kernel need:
// zero page, stack, descriptor table, page tables, command line, in this order.
type bootArea struct {
	at   addr.GPA
	size int
}

// Offsets in a bootArea.
const (
	areaZeroPage = 0
	areaGDT      = 1 * addr.PageSize // and the stack, from the page's other end
	areaPML4     = 2 * addr.PageSize
	areaPDPT     = 3 * addr.PageSize
	areaPD       = 4 * addr.PageSize
	areaCmdline  = areaPD + mapGiB*addr.PageSize
)

// placeBoot finds room for the boot area, in the first mebibyte if it can.
func (l *layout) placeBoot(cmdline int) (bootArea, error) {
	a := bootArea{size: (areaCmdline + cmdline + addr.PageSize) &^ (addr.PageSize - 1)}
	var ok bool
	if a.at, ok = l.lowest(lowFirst, lowLast, uint64(a.size), addr.PageSize); !ok {
		if a.at, ok = l.lowest(lowLast, below4G, uint64(a.size), addr.PageSize); !ok {
			return a, &Error{"kernel: no room for the boot parameters", "give the partition more memory"}
		}
	}
	l.take(a.at, uint64(a.size))
	return a, nil
}

// build returns the contents of the boot area and the entry state.
func (a bootArea) build(img *image, q Request, p *Plan) ([]byte, Entry) {
	b := make([]byte, a.size)
	a.zeroPage(b[:addr.PageSize], img, q, p)
	copy(b[areaCmdline:], q.Cmdline)
	le.Put64(b, areaGDT+bootCS, flatCode)
	le.Put64(b, areaGDT+bootDS, flatData)
	le.Put64(b, areaPML4, uint64(a.at)+areaPDPT|pteTable)
	for i := range mapGiB {
		le.Put64(b, areaPDPT+8*i, uint64(a.at)+areaPD+uint64(i)*addr.PageSize|pteTable)
	}
	for i := range mapGiB * 512 {
		le.Put64(b, areaPD+8*i, uint64(i)*addr.Page2M|ptePage)
	}
	return b, Entry{
		RIP: img.base + addr.GPA(img.entry), RSI: a.at + areaZeroPage, RSP: a.at + areaGDT + addr.PageSize,
		CR3: a.at + areaPML4, GDT: a.at + areaGDT, GDTLimit: bootDS + 7, CS: bootCS, DS: bootDS,
	}
}

// zeroPage fills in the zero page.
func (a bootArea) zeroPage(z []byte, img *image, q Request, p *Plan) {
	copy(z, img.header)
	if img.header == nil {
		le.Put16(z, hdrBootFlag, 0xaa55)
		copy(z[hdrMagic:], "HdrS")
		le.Put16(z, hdrVersion, 0x20f)
		le.Put32(z, hdrInitrdMax, elfInitrdMax)
		le.Put32(z, hdrAlign, addr.Page2M)
		le.Put32(z, hdrCmdlineSize, elfCmdline)
		le.Put64(z, hdrPref, uint64(img.base))
		le.Put32(z, hdrInitSize, uint32(img.size))
	}
	z[hdrLoaderType] = 0xff // a loader without a number of its own
	z[hdrLoadFlags] |= loadedHigh
	le.Put32(z, hdrCode32, uint32(img.base))
	le.Put64(z, hdrSetupData, 0)
	le.Put32(z, hdrRamdisk, uint32(p.Initrd.Start))
	le.Put32(z, hdrRamdiskSize, uint32(p.Initrd.Size))
	le.Put32(z, zpRamdiskHigh, uint32(p.Initrd.Start>>32))
	le.Put32(z, zpRamSizeHigh, uint32(p.Initrd.Size>>32))
	cmdline := uint64(a.at) + areaCmdline
	le.Put32(z, hdrCmdline, uint32(cmdline))
	le.Put32(z, zpCmdlineHigh, uint32(cmdline>>32))
	le.Put64(z, zpRSDP, uint64(q.RSDP))
	for i, r := range q.Memory {
		e := z[zpE820+i*e820Len:]
		le.Put64(e, 0, uint64(r.Start))
		le.Put64(e, 8, r.Size)
		le.Put32(e, 16, uint32(r.Kind))
	}
	z[zpE820Count] = byte(len(q.Memory))
}
