package image

import (
	"slices"
	"strconv"
)

// Compat lists what speaks against replacing an instance of one image by one of
// another. What depends on the machine is not judged, nor are the fields of records:
// package record does that.
func Compat(from, to *Manifest) Unfit {
	return to.against(&Running{Manifest: *from, Force: true, Room: to.Home})
}

// SameLayout reports whether both declare the same kept records with the same
// layout, so that an instance of one can take the other's in place.
func SameLayout(a, b *Manifest) bool { return sameLayout(a.Records, b.Records) }

func sameLayout(a, b []Record) bool {
	return slices.EqualFunc(a, b, func(x, y Record) bool {
		return x.Number == y.Number && x.Version == y.Version && x.Bytes == y.Bytes && x.Layout == y.Layout
	})
}

// against lists what speaks against m in the place of what runs now.
func (m *Manifest) against(now *Running) (bad Unfit) {
	if m.Entry != now.Entry {
		bad = append(bad, "it is entered by protocol "+dec(m.Entry)+", the running build speaks "+dec(now.Entry))
	}
	if m.Handoff != now.Handoff {
		bad = append(bad, "it hands over by protocol "+dec(m.Handoff)+", the running build speaks "+dec(now.Handoff))
	}
	if m.Build == now.Build && !now.Force {
		bad = append(bad, "it is the build that runs, "+m.Build+"; --force takes it nevertheless")
	}
	if m.Home == 0 || m.Home > now.Room {
		bad = append(bad, "it needs "+strconv.FormatUint(m.Home>>20, 10)+" MiB for its home, "+strconv.FormatUint(now.Room>>20, 10)+" MiB can be had")
	}
	for _, old := range now.Records {
		if why := m.reads(old); why != "" {
			bad = append(bad, why)
		}
	}
	return bad
}

// reads says why m cannot take over a record of the running build.
func (m *Manifest) reads(old Record) (why string) {
	i := slices.IndexFunc(m.Records, func(r Record) bool { return r.Number == old.Number })
	if i < 0 {
		if old.Drop {
			return ""
		}
		return "it does not know record " + dec(old.Number) + ", which may not be dropped"
	}
	r := m.Records[i]
	switch {
	case old.Version < r.Reads:
		return "record " + dec(old.Number) + ": it reads versions from " + dec(r.Reads) + " on, the running build has " + dec(old.Version)
	case old.Writes > r.Version:
		return "record " + dec(old.Number) + ": it reads versions up to " + dec(r.Version) + ", the running build writes them from " + dec(old.Writes) + " on"
	}
	return ""
}

func dec(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
