package mirror

import (
	"encoding/binary"
	"slices"
	"sync/atomic"

	"perdure/hhr/record"
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition"
)

// groups puts the records of each partition together; the last group is of those
// that belong to none.
func groups(entries []kept.Entry) map[uint64][]*kept.Entry {
	all := map[uint64][]*kept.Entry{}
	for i := range entries {
		e, g := &entries[i], uint64(partition.MaxPartitions)
		switch e.Kind {
		case kept.KindPartitions:
			g = e.Index
		case kept.KindVPs:
			g = partition.OwnerOf(e.Index)
		}
		all[g] = append(all[g], e)
	}
	return all
}

// gatherer mirrors records, one at a time.
type gatherer struct {
	*session
	buf, wire []byte
}

// mirror makes the other's record of e what ours is, if that has changed. The
// record goes on changing meanwhile, so it is copied first; what is put into a
// ring while it is copied is the next time's.
func (g *gatherer) mirror(e *kept.Entry, everything bool) {
	defer spend(x86.RDTSC())
	w := &g.change.Way[kept.Own()]
	m := moved(w, e.Kind)
	g.buf = append(g.buf[:0], make([]byte, m.FromStride)...)
	snapshot(w, m, g.buf, kept.Bytes(m.From, m.FromStride, e.Index))
	digest := g.digest(e)
	if digest == e.Digest && !everything {
		return
	}
	if lost := g.from.Lost(g.from.Table(e.Kind), g.to, g.to.Table(e.Kind), g.buf); lost != nil {
		g.lock.Lock()
		g.lost = append(g.lost, lost...)
		g.lock.Unlock()
	}
	atomic.AddUint64(&e.Seq, 1)
	w.Convert(m, g.buf, kept.Bytes(m.To, m.ToStride, e.Index), true)
	e.Digest = digest
	atomic.AddUint64(&e.Seq, 1)
	g.back(e)
}

// back finds out whether the way back leads to the same record.
func (g *gatherer) back(e *kept.Entry) {
	w := &g.change.Way[kept.Own()^1]
	m := moved(w, e.Kind)
	clear(g.buf)
	w.Convert(m, kept.Bytes(m.From, m.FromStride, e.Index), g.buf, true)
	if g.digest(e) == e.Digest {
		e.Returned = e.Seq
	}
}

// digest returns that of what both builds know of the record in buf.
func (g *gatherer) digest(e *kept.Entry) uint64 {
	g.wire = g.common.EncodeRecord(g.wire[:0], g.common.Of(g.common.Table(e.Kind)), g.buf)
	return record.Digest(g.wire)
}

// snapshot copies a record that others change. The positions of its rings are
// taken before what they count.
func snapshot(w *kept.Way, m *kept.Moved, to, live []byte) {
	var positions []uint64
	for _, o := range w.Op[m.FirstOp:m.EndOp] {
		if o.What == kept.OpRing {
			positions = append(positions, o.PosFrom, binary.LittleEndian.Uint64(live[o.PosFrom:]))
		}
	}
	copy(to, live)
	for p := range slices.Chunk(positions, 2) {
		binary.LittleEndian.PutUint64(to[p[0]:], p[1])
	}
}

// moved returns what w does with a table.
func moved(w *kept.Way, k kept.Kind) *kept.Moved {
	for i := range w.Tables {
		if w.Table[i].Kind == k {
			return &w.Table[i]
		}
	}
	return nil
}
