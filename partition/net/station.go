package net

// Stations is how many learned addresses there is room for, ways how many of
// them one address may lie in.
const (
	Stations = 128
	ways     = 4
)

// Most addresses behind one port, its own included: root bridges to the world.
const (
	mostGuest = 8
	mostRoot  = 64
)

// Station is an address that somebody sent from: a kept record.
type Station struct {
	Key  uint64 // address, and from bit 48 on 1 + the port; 0: empty
	Seen uint64 // TSC value of its last frame
}

const (
	macMask  = 1<<48 - 1
	keyPort  = 48
	multi    = 1 // bit of an address that is a group's
	everyone = macMask
)

// isLinkLocal reports whether frames to mac stay on the wire between two
// stations. IEEE 802.1D, "Reserved addresses".
//
//go:nosplit
func isLinkLocal(mac uint64) bool { return mac&0xf0ffffffffff == 0x0000c28001 }

// slot returns the first of the stations that mac may lie in.
//
//go:nosplit
func slot(mac uint64) uint64 {
	const golden = 0x9e3779b97f4a7c15
	return mac * golden >> 56 % (Stations / ways) * ways
}

// find returns the port behind mac in a group.
//
//go:nosplit
func (s *Switch) find(mac, group, now uint64) (port uint64, ok bool) {
	at := slot(mac)
	for i := at; i < at+ways; i++ {
		e := &s.Station[i&(Stations-1)]
		k := load(&e.Key)
		if p := k>>keyPort - 1; k&macMask == mac && k != 0 && s.port(p).Group == group && !s.stale(e, now) {
			return p, true
		}
	}
	return s.owner(mac, group)
}

// owner returns the port whose own address in a group mac is.
//
//go:nosplit
func (s *Switch) owner(mac, group uint64) (port uint64, ok bool) {
	for i := range uint64(MaxPorts) {
		if p := &s.Port[i]; p.Exists != 0 && p.MAC == mac && p.Group == group {
			return i, true
		}
	}
	return 0, false
}

// learn notes that mac is behind port i. It reports whether it may be.
//
//go:nosplit
func (s *Switch) learn(mac, i, now uint64) bool {
	key := mac | (i+1)<<keyPort
	at := slot(mac)
	for j := at; j < at+ways; j++ {
		if e := &s.Station[j&(Stations-1)]; load(&e.Key) == key {
			store(&e.Seen, now)
			return true
		}
	}
	if mac&multi != 0 || mac == 0 {
		return false
	}
	group := s.port(i).Group
	if o, ok := s.owner(mac, group); ok && o != i {
		return false
	}
	e := s.place(at, mac, i, group, now)
	if e != nil {
		store(&e.Key, 0)
		store(&e.Seen, now)
		store(&e.Key, key)
	}
	return true
}

// place returns where mac goes: where it was behind another port, else an
// empty place or a stale one, else the oldest. A port that has its share may
// only push out its own.
//
//go:nosplit
func (s *Switch) place(at, mac, i, group, now uint64) *Station {
	var best *Station
	oldest := uint64(0)
	full := s.learned(i) >= most(i)
	for j := at; j < at+ways; j++ {
		e := &s.Station[j&(Stations-1)]
		k := load(&e.Key)
		p := k>>keyPort - 1
		if k != 0 && k&macMask == mac && s.port(p).Group == group {
			return e // it has moved
		}
		if full && (k == 0 || p != i) {
			continue
		}
		age := now - load(&e.Seen)
		if k == 0 || s.stale(e, now) {
			age = never
		}
		if best == nil || age > oldest {
			best, oldest = e, age
		}
	}
	return best
}

const never = ^uint64(0)

// stale reports whether nobody has sent from e for long. Processors' clocks may
// differ a little.
//
//go:nosplit
func (s *Switch) stale(e *Station, now uint64) bool { return int64(now-load(&e.Seen)) > int64(s.Age) }

//go:nosplit
func most(i uint64) uint64 {
	if i == Root {
		return mostRoot
	}
	return mostGuest
}

// Root is the port of the root partition.
const Root = 0

// learned counts the addresses that were learned behind port i.
//
//go:nosplit
func (s *Switch) learned(i uint64) (n uint64) {
	for j := range s.Station {
		if load(&s.Station[j].Key)>>keyPort == i+1 {
			n++
		}
	}
	return n
}

// forget drops what was learned behind port i.
//
//go:nosplit
func (s *Switch) forget(i uint64) {
	for j := range s.Station {
		e := &s.Station[j]
		if k := load(&e.Key); k>>keyPort == i+1 {
			cas(&e.Key, k, 0)
		}
	}
}
