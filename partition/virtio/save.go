package virtio

import "perdure/partition/device"

// saved is the version of what Save writes.
const saved = 1

// words returns what a device consists of. Its owner is a matter of processors.
func (d *Device) words() []*uint64 {
	w := []*uint64{
		&d.ID, &d.Offered, &d.Queues, &d.Accepted, &d.DevSel, &d.DrvSel, &d.QSel, &d.Status, &d.ISR, &d.Generation,
		&d.Kick, &d.Faults, &d.Bad, &d.Raised,
	}
	for i := range d.Queue {
		q := &d.Queue[i]
		w = append(w, &q.Max, &q.Size, &q.Ready, &q.Desc, &q.Avail, &q.Used, &q.Next, &q.Done, &q.Last)
	}
	return append(w, device.Refs(d.Config[:])...)
}

// Save appends what d is.
func (d *Device) Save(to []byte) []byte { return device.Save(to, saved, d.words()) }

// Load makes d what Save wrote.
func (d *Device) Load(from []byte) error {
	var n Device
	if err := device.Load(from, saved, n.words()); err != nil {
		return err
	}
	if !n.possible() {
		return device.ErrState
	}
	*d = n
	return nil
}

// possible reports whether a device can have come to this state.
func (d *Device) possible() bool {
	none := uint64(0) // bits that nobody sets
	none |= d.Status &^ (statusDriver | StatusNeedsReset)
	none |= d.ISR &^ (ISRQueue | ISRConfig)
	none |= (d.DevSel | d.DrvSel | d.QSel | d.Generation) >> 32
	if d.ID >= NumIDs || d.Queues > MaxQueues || d.ID == 0 && d.Queues != 0 {
		return false
	}
	none |= d.Kick &^ (1<<d.Queues - 1 | KickReset | KickRaise)
	if d.Status&StatusFeaturesOK != 0 {
		none |= d.Accepted&^d.Offered | ^d.Accepted&Version1
	}
	if d.Status&StatusDriverOK != 0 && d.Status&StatusFeaturesOK == 0 {
		return false
	}
	for i := range d.Queue {
		q := &d.Queue[i]
		if uint64(i) >= d.Queues && *q != (Queue{}) || uint64(i) < d.Queues && !q.possible() {
			return false
		}
	}
	return none == 0
}

// possible reports whether a queue of a device can have come to this state.
func (q *Queue) possible() bool {
	return q.Max != 0 && q.Max <= MaxSize && q.Max&(q.Max-1) == 0 && q.Size <= q.Max && q.Size&(q.Size-1) == 0 &&
		(q.Next|q.Done)>>16 == 0 && (q.Last == 0 || q.Last&lastValid != 0) && (q.Ready == 0 || q.Ready == 1 && q.wellFormed())
}
