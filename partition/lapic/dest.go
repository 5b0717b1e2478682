package lapic

// LogicalID returns the logical destination register. In x2APIC mode it is
// derived from the ID. SDM Vol. 3A, "Deriving Logical x2APIC ID from the Local
// x2APIC ID".
//
//go:nosplit
func (s *State) LogicalID() uint32 {
	if s.X2() {
		return uint32(s.ID>>4<<16) | 1<<(s.ID&15)
	}
	return uint32(s.LDR)
}

// Match reports whether s is among the processors that dest names. SDM Vol.
// 3A, "Determining IPI Destination".
//
//go:nosplit
func (s *State) Match(dest uint32, logical bool) bool {
	if dest == Broadcast {
		return true
	}
	if !logical {
		return dest == uint32(s.ID)
	}
	id := s.LogicalID()
	if s.X2() {
		return id>>16 == dest>>16 && id&dest&0xffff != 0
	}
	mda, id := dest&0xff, id>>24
	if s.DFR>>28 == 0xf || mda == 0xff { // flat model, or every cluster
		return mda&id != 0
	}
	return mda>>4 == id>>4 && mda&id&0xf != 0
}
