package partition

import (
	"encoding/binary"

	"perdure/mm/kept"
)

// Records change at every exit, but not what makes them this partition, this VP
// and this processor: those words have a checksum of their own, which is written
// when the record is made.

// identity returns the checksum of what does not change while p exists.
func (p *Partition) identity() uint64 {
	words := []uint64{uint64(p.Kind), p.ID, p.FirstVP, p.VPs, p.RAM.EPTP, p.MSRBits, p.IOBits, p.Memory, p.Created, p.SerialGSI}
	for i := 0; i < len(p.Name); i += 8 {
		words = append(words, binary.LittleEndian.Uint64(p.Name[i:]))
	}
	return kept.Sum(words...)
}

// identity returns the checksum of what does not change while v exists.
func (v *VP) identity() uint64 { return kept.Sum(v.Part, v.ID, v.VMCS) }

// identity returns the checksum of what does not change while c is online.
func (c *CPU) identity() uint64 { return kept.Sum(c.Index, c.APICID, c.Region) }

// checkIdentities looks at those of all records in use.
func checkIdentities(r *kept.Report) {
	note := func(k kept.Kind, i int, ok bool) {
		at, stride, _, _ := kept.Lookup(k)
		r.Note(ok, uint64(at)+uint64(i)*stride)
	}
	note(kept.KindHost, 0, kept.Sealed(&tab.Host.Boot, kept.KindHost))
	for i := range tab.Partitions {
		if p := &tab.Partitions[i]; p.State == Running || p.State == Stopped && p.RAM.EPTP != 0 {
			note(kept.KindPartitions, i, p.Identity == p.identity() && p.ID == uint64(i))
		}
	}
	for i := range tab.VPs {
		if v := &tab.VPs[i]; v.State != VPNone {
			note(kept.KindVPs, i, v.Identity == v.identity())
		}
	}
	if kept.InForce() { // else the records were mirrored at different times
		inPlace(func(i int, ok bool) { note(kept.KindVPs, i, ok) })
	}
	for i := range tab.CPUs {
		if c := &tab.CPUs[i]; c.Online == 1 {
			note(kept.KindCPUs, i, c.Identity == c.identity() && c.Index == uint64(i))
		}
	}
}
