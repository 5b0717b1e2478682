package fake

import "perdure/partition/abi"

// Guest is a partition beside root.
type Guest struct {
	Config abi.Config
	Entry  abi.Entry
	Loaded bool              // Entry has been given
	Memory map[uint64][]byte // pages that were written, by address
	Typed  []byte
	Said   []byte // on its console, all of it
	From   uint64 // position of the oldest byte of Said still kept
	Deaf   bool   // the power button does nothing
	Ops    []abi.Op
	next   abi.State // that it comes to after some looks
	looks  int
}

const page = 4096

// Guest returns the guest of that name, nil if there is none.
func (m *Machine) Guest(name string) *Guest {
	for i := range m.Partitions {
		if p := &m.Partitions[i]; abi.Text(p.Name[:]) == name {
			return m.Guests[p.ID]
		}
	}
	return nil
}

// SetState puts a guest into a state, as what it does itself would.
func (m *Machine) SetState(name string, s abi.State) {
	for i := range m.Partitions {
		if p := &m.Partitions[i]; abi.Text(p.Name[:]) == name {
			p.State = s
		}
	}
}

// At returns n bytes of a guest's memory.
func (g *Guest) At(at, n uint64) []byte {
	b := make([]byte, n)
	for i := range b {
		if p := g.Memory[(at+uint64(i))/page]; p != nil {
			b[i] = p[(at+uint64(i))%page]
		}
	}
	return b
}

// guestCall answers the calls that are about a guest.
func (m *Machine) guestCall(n abi.Call, buf []byte, arg func(int) uint64) (uint64, uint64, error) {
	if n == abi.CallCreate {
		return m.create(buf)
	}
	p := m.partition(arg(0))
	g := m.Guests[uint32(arg(0))]
	if p == nil || g == nil {
		return 0, 0, abi.ErrNone
	}
	switch n {
	case abi.CallControl:
		s, err := g.control(p, abi.Op(arg(1)), m.Steps)
		return uint64(s), 0, err
	case abi.CallSet:
		return 0, 0, m.set(p, abi.Property(arg(1)), arg(2))
	case abi.CallLoad:
		if p.State != abi.StateCreated {
			return 0, 0, abi.ErrState
		}
		return g.load(arg(1), buf)
	case abi.CallEntry:
		if p.State != abi.StateCreated {
			return 0, 0, abi.ErrState
		}
		_, err := abi.Decode(buf, &g.Entry, false)
		g.Loaded = err == nil
		return 0, 0, err
	case abi.CallRead:
		end := uint64(len(g.Said))
		if arg(1) >= end {
			return 0, end, nil
		}
		pos := max(arg(1), g.From)
		count := uint64(copy(buf, g.Said[pos:]))
		return count, pos + count, nil
	case abi.CallWrite:
		g.Typed = append(g.Typed, buf...)
		return uint64(len(buf)), 0, nil
	}
	return m.inspect(n, buf, arg, p, g)
}

// partition returns a partition by its number, nil if there is none.
func (m *Machine) partition(id uint64) *abi.Partition {
	for i := range m.Partitions {
		if uint64(m.Partitions[i].ID) == id {
			return &m.Partitions[i]
		}
	}
	return nil
}

func (m *Machine) create(buf []byte) (uint64, uint64, error) {
	var c abi.Config
	if _, err := abi.Decode(buf, &c, false); err != nil {
		return 0, 0, abi.ErrArgument
	}
	id := uint32(0)
	for i := range m.Partitions {
		p := &m.Partitions[i]
		g := m.Guests[p.ID]
		if g != nil && g.Config.Token == c.Token {
			return uint64(p.ID), 0, nil
		}
		if p.Name == c.Name {
			return 0, 0, abi.ErrExists
		}
		id = max(id, p.ID+1)
	}
	if c.Memory > m.Info.Mem.Free {
		return 0, 0, abi.ErrMemory
	}
	m.clock++
	p := abi.Partition{Header: m.Partitions[0].Header, ID: id, State: abi.StateCreating, VPs: c.VPs, Memory: c.Memory, Name: c.Name,
		Weight: c.Weight, CPUs: c.CPUs, Created: m.clock}
	m.Partitions = append(m.Partitions, p)
	if m.Guests == nil {
		m.Guests = map[uint32]*Guest{}
	}
	m.Guests[id] = &Guest{Config: c, Memory: map[uint64][]byte{}, next: abi.StateCreated, looks: m.Steps}
	m.Info.Mem.Free -= c.Memory
	m.Info.Partitions++
	return uint64(id), 0, nil
}

func (g *Guest) load(at uint64, b []byte) (uint64, uint64, error) {
	if len(b) > abi.MaxLoad || at > g.Config.Memory || uint64(len(b)) > g.Config.Memory-at {
		return 0, 0, abi.ErrArgument
	}
	for i, c := range b {
		n := (at + uint64(i)) / page
		if g.Memory[n] == nil {
			g.Memory[n] = make([]byte, page)
		}
		g.Memory[n][(at+uint64(i))%page] = c
	}
	return uint64(len(b)), 0, nil
}

func (m *Machine) set(p *abi.Partition, what abi.Property, value uint64) error {
	switch {
	case what == abi.SetWeight && value >= 1 && value <= abi.MaxWeight:
		p.Weight = uint32(value)
	case what == abi.SetCPUs && (value == 0 || value&(1<<m.Info.CPUs-1) != 0):
		p.CPUs = value
	default:
		return abi.ErrArgument
	}
	return nil
}
