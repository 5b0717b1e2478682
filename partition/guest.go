package partition

import (
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/partition/abi"
)

// MaxPieces is the most stretches of the machine's memory that a guest's memory
// consists of.
const MaxPieces = 16

// Piece is a stretch of a guest's memory: a kept record.
type Piece struct {
	GPA, HPA, Size uint64
}

// Sizes of pages that a piece is aligned for where it can be.
const (
	page2M = 2 << 20
	page1G = 1 << 30
)

// claimMemory makes frames p's, as many as its configuration says, in few pieces.
func (p *Partition) claimMemory() error {
	want := p.Config.Memory
	low := min(want, abi.LowTop)
	if err := p.claim(0, low); err != nil {
		return err
	}
	return p.claim(abi.HighStart, want-low)
}

// claim makes frames p's that will be its memory from gpa on.
func (p *Partition) claim(gpa, size uint64) error {
	for size > 0 {
		if p.Pieces == MaxPieces {
			return abi.ErrMemory
		}
		at, n, err := p.stretch(size)
		if err != nil {
			return err
		}
		p.Piece[p.Pieces] = Piece{GPA: gpa, HPA: uint64(at), Size: n}
		p.Pieces++
		gpa, size = gpa+n, size-n
	}
	return nil
}

// stretch makes up to size bytes p's that lie together, aligned for the largest
// pages that they can have.
func (p *Partition) stretch(size uint64) (addr.HPA, uint64, error) {
	o := mm.Partition(p.ID)
	for n := size; ; n = n / 2 &^ (page2M - 1) {
		if n >= page1G {
			if at, err := mm.Alloc(n, page1G, o); err == nil {
				return at, n, nil
			}
		}
		if at, err := mm.Alloc(n, page2M, o); err == nil {
			return at, n, nil
		}
		if n < 2*page2M {
			return 0, 0, abi.ErrMemory
		}
	}
}

// clearSome clears the next stretch of p's memory, and reports whether that was
// the last. Nothing that the frames' last owner left is seen by p.
func (p *Partition) clearSome() (done bool) {
	at := p.Cleared
	for i := range p.Pieces {
		r := &p.Piece[i]
		if at >= r.Size {
			at -= r.Size
			continue
		}
		n := min(r.Size-at, page2M)
		clear(mm.Bytes(addr.HPA(r.HPA+at), n))
		p.Cleared += n
		return false
	}
	return true
}

// mapMemory gives p its memory as its processors see it.
func (p *Partition) mapMemory() error {
	e, err := ept.New(p.keptOwner())
	if err != nil {
		return abi.ErrMemory
	}
	p.RAM.Size = 0
	for i := range p.Pieces {
		r := &p.Piece[i]
		if err := e.Map(addr.GPA(r.GPA), addr.HPA(r.HPA), r.Size, ept.RWX, ept.WB); err != nil {
			return abi.ErrMemory
		}
		if r.Size > p.RAM.Size {
			p.RAM.Start, p.RAM.Size, p.RAM.Delta = r.GPA, r.Size, r.HPA-r.GPA
		}
	}
	p.RAM.EPTP = e.Pointer()
	return nil
}

// resetPlatform puts the devices that every guest has into their state after power-up.
func (p *Partition) resetPlatform() {
	p.IOAPIC.Reset(0, abi.IOAPICPins, 0)
	p.Serial.Reset()
	p.resetPC()
	p.PM.Reset()
	p.CMOS.Reset()
	p.SerialGSI = abi.SerialGSI
}
