package net

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what a port consists of. Who has its turn and its lock is a
// matter of processors.
func (p *Port) words() []*uint64 {
	f, d := &p.Sent, &p.Put
	w := []*uint64{
		&p.Exists, &p.MAC, &p.Group, &p.MTU, &p.Waiters, &p.Deaf,
		&f.Busy, &f.Head, &f.Next, &f.Done, &f.Size, &f.Left, &f.Since, &f.Count, &f.Bytes,
		&d.Busy, &d.From, &d.Head, &d.Size, &d.Next, &d.Done, &d.Count, &d.Bytes,
		&p.TxFrames, &p.TxBytes, &p.RxFrames, &p.RxBytes, &p.TxBad, &p.TxUnknown, &p.RxFull, &p.RxDropped,
	}
	return append(w, device.Refs(f.First[:])...)
}

// Reset puts p into its state after power-up: what card it is stays.
func (p *Port) Reset() { *p = Port{Exists: p.Exists, MAC: p.MAC, Group: p.Group, MTU: p.MTU} }

// Save appends what p is.
func (p *Port) Save(to []byte) []byte { return device.Save(to, saved, p.words()) }

// Load makes p what Save wrote.
func (p *Port) Load(from []byte) error {
	var n Port
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	if !n.possible() {
		return device.ErrState
	}
	*p = n
	return nil
}

// possible reports whether a port can have come to this state.
func (p *Port) possible() bool {
	f, d := &p.Sent, &p.Put
	if p.Exists == 0 {
		return *p == Port{}
	}
	none := (p.Exists | p.Deaf | f.Busy | d.Busy) &^ 1 // bits that nobody sets
	none |= (p.MAC &^ macMask) | p.MAC&multi | p.Group>>32
	none |= (p.Waiters | f.Left) >> MaxPorts
	none |= (f.Head | f.Next | f.Done | d.Head | d.Next | d.Done) >> 16
	longest := p.MTU + lenEthernet + lenVLAN
	return none == 0 && p.MTU >= MinMTU && p.MTU <= MaxMTU && d.From < MaxPorts &&
		(f.Left == 0 || f.Size >= lenEthernet && f.Size <= longest) && (d.Busy == 0 || d.Size <= lenVirtio+longest)
}
