package net

// Features that a card offers. Virtio, "Network Device", "Feature bits".
const (
	FeatureMTU    = 1 << 3
	FeatureMAC    = 1 << 5
	FeatureStatus = 1 << 16
	Features      = FeatureMTU | FeatureMAC | FeatureStatus
)

// DefaultMTU is Ethernet's.
const DefaultMTU = 1500

// Config returns a card's configuration space: address, link up, one pair of
// queues, MTU.
func Config(mac, mtu uint64) [2]uint64 {
	const linkUp, pairs = 1, 1
	return [2]uint64{mac | linkUp<<48, pairs | mtu<<16}
}

// Plug makes port i a card. No other card of its group may have its address.
// Its device is made by the caller.
func (s *Switch) Plug(i, mac, group, mtu uint64) bool {
	if i >= MaxPorts || mac&multi != 0 || mac == 0 || mac > macMask || mtu < MinMTU || mtu > MaxMTU {
		return false
	}
	if o, ok := s.owner(mac, group); ok && o != i {
		return false
	}
	s.port(i).Exists = 0
	for j := range s.Station {
		e := &s.Station[j]
		if k := load(&e.Key); k&macMask == mac && k != 0 && s.port(k>>keyPort-1).Group == group {
			cas(&e.Key, k, 0) // somebody else has used it
		}
	}
	*s.port(i) = Port{Exists: 1, MAC: mac, Group: group, MTU: mtu}
	return true
}

// Unplug takes card i away; the caller, which is no dispatcher, owns its device.
func (s *Switch) Unplug(i uint64) (waited uint64) {
	waited = s.Down(i, nobody)
	*s.port(i) = Port{}
	return waited
}

// Choose returns an address for a card from 8 bytes of chance: one that is
// locally administered, and nobody's in its group.
func (s *Switch) Choose(chance, group uint64) uint64 {
	for ; ; chance += 1 << 8 {
		mac := chance&macMask&^3 | 2
		if _, taken := s.owner(mac, group); !taken {
			return mac
		}
	}
}

// Learned returns how many addresses were learned behind port i.
func (s *Switch) Learned(i uint64) uint64 { return s.learned(i) }

// IsUp reports whether port i takes part.
func (s *Switch) IsUp(i uint64) bool { return s.up(i) }
