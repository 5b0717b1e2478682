package partition

import "perdure/mm/kept"

// checkIdentities looks at the steady words of all records in use.
func checkIdentities(r *kept.Report) {
	note := func(k kept.Kind, i int, ok bool) {
		at, stride, _, _ := kept.Lookup(k)
		r.Note(ok, uint64(at)+uint64(i)*stride)
	}
	right := func(s steady) bool { return *s.sum == s.now() }
	note(kept.KindHost, 0, kept.Sealed(&tab.Host.Boot, kept.KindHost) && right(tab.Host.steady()))
	for i := range tab.Partitions {
		if p := &tab.Partitions[i]; p.made() {
			note(kept.KindPartitions, i, right(p.steady()) && p.ID == uint64(i))
		}
	}
	for i := range tab.VPs {
		if v := &tab.VPs[i]; v.State != VPNone {
			note(kept.KindVPs, i, right(v.steady()))
		}
	}
	if kept.InForce() { // else the records were mirrored at different times
		inPlace(func(i int, ok bool) { note(kept.KindVPs, i, ok) })
	}
	for i := range tab.CPUs {
		if c := &tab.CPUs[i]; c.Online == 1 {
			note(kept.KindCPUs, i, right(c.steady()) && c.Index == uint64(i))
		}
	}
}
