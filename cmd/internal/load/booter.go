package load

import (
	"perdure/boot/le"
	"perdure/mm/addr"
	"perdure/partition/abi"
	"perdure/partition/linux"
)

// booter lays down what a kernel with a 32-bit entry is given: itself, modules,
// and an area with a descriptor table and the records of its protocol.
type booter struct {
	room   *room
	pieces []Piece
	end    uint64 // of the kernel
	area   uint64
	bytes  []byte // of the area
}

// Layout of the area.
const (
	areaFirst = 0x10000 // below it are the BIOS's own data and a starting processor's page
	areaSize  = 64 << 10
	areaGDT   = 0
	areaData  = 32
	flatCS    = 0x08
	flatDS    = 0x10
	flatCode  = 0x00cf9b000000ffff // present, ring 0, 32-bit code to 4 GiB
	flatData  = 0x00cf93000000ffff // present, ring 0, data to 4 GiB
)

// newBooter takes the memory of a kernel's segments and of the area.
func newBooter(segs []segment, memory []linux.Range) (*booter, error) {
	if len(segs) == 0 {
		return nil, elfError("has nothing to load")
	}
	b := &booter{room: newRoom(memory)}
	for _, s := range segs {
		if err := b.room.segment(s); err != nil {
			return nil, err
		}
		if len(s.data) > 0 {
			b.pieces = append(b.pieces, Piece{s.at, s.data})
		}
		b.end = max(b.end, s.at+s.mem)
	}
	var err error
	if b.area, err = b.room.lowest(areaFirst, areaSize, "the boot information"); err != nil {
		return nil, err
	}
	b.bytes = make([]byte, areaData)
	le.Put64(b.bytes, areaGDT+flatCS, flatCode)
	le.Put64(b.bytes, areaGDT+flatDS, flatData)
	return b, nil
}

// modules lays modules down above the kernel, each on a page of its own.
func (b *booter) modules(list []Module) (at []span, err error) {
	for _, m := range list {
		n := uint64(len(m.Data))
		to, err := b.room.lowest(max(high, b.end), max(n, addr.PageSize), "a module")
		if err != nil {
			return nil, err
		}
		b.pieces = append(b.pieces, Piece{to, m.Data})
		at = append(at, span{to, to + n})
	}
	return at, nil
}

// data puts a record into the area and returns its address.
func (b *booter) data(record []byte) uint64 {
	for len(b.bytes)%8 != 0 {
		b.bytes = append(b.bytes, 0)
	}
	at := b.area + uint64(len(b.bytes))
	b.bytes = append(b.bytes, record...)
	return at
}

// text puts a text into the area, with a zero behind it.
func (b *booter) text(s string) uint64 { return b.data(append([]byte(s), 0)) }

// plan returns what has been laid down. A stack is no part of either protocol,
// but a kernel that believes in one finds the rest of the area.
func (b *booter) plan(kind string, e abi.Entry) (*Plan, error) {
	if len(b.bytes) > areaSize-addr.PageSize {
		return nil, &Error{"its command line and those of its modules are too long", "they have 60 KiB together"}
	}
	e.Mode = abi.EntryFlat
	e.GDT, e.GDTLimit, e.CS, e.DS = b.area+areaGDT, flatDS+7, flatCS, flatDS
	e.RSP = b.area + areaSize
	e.Header = abi.HeaderOf(&e)
	return &Plan{Kind: kind, Pieces: append(b.pieces, Piece{b.area, b.bytes}), Entry: e}, nil
}
