package fake

import "perdure/partition/abi"

// control carries out an operation as far as the state allows it. What takes
// time with the real hypervisor takes some looks at the list here.
func (g *Guest) control(p *abi.Partition, op abi.Op, looks int) (abi.State, error) {
	g.Ops = append(g.Ops, op)
	runs := p.State == abi.StateReady
	off := p.State == abi.StateQuiesced || p.State == abi.StateStopped
	switch {
	case op == abi.OpDestroy:
		p.State, g.next, g.looks = abi.StateDestroying, 0, looks
	case op == abi.OpStart && runs, op == abi.OpResume && runs, op == abi.OpPause && p.State == abi.StatePaused, op == abi.OpStop && off:
	case op == abi.OpStart && p.State == abi.StateCreated && g.Loaded, op == abi.OpResume && p.State == abi.StatePaused:
		p.State = abi.StateReady
	case op == abi.OpPause && runs:
		p.State = abi.StatePaused
	case op == abi.OpButton && runs:
		if !g.Deaf {
			g.next, g.looks = abi.StateQuiesced, looks
		}
	case op == abi.OpStop && (runs || p.State == abi.StatePaused || p.State == abi.StateReset):
		p.State = abi.StateQuiesced
	case op == abi.OpReset && (off || p.State == abi.StateReset || p.State == abi.StateCreated):
		p.State, g.next, g.looks = abi.StateCreating, abi.StateCreated, looks
		g.Memory, g.Loaded = map[uint64][]byte{}, false
	default:
		return p.State, abi.ErrState
	}
	return p.State, nil
}

// look lets time pass: somebody looks at the list of partitions.
func (m *Machine) look() {
	for i := 0; i < len(m.Partitions); i++ {
		p := &m.Partitions[i]
		g := m.Guests[p.ID]
		if g == nil || g.looks == 0 {
			continue
		}
		if g.looks--; g.looks > 0 {
			p.Progress += (1000 - p.Progress) / 2
			continue
		}
		p.Progress = 0
		if p.State == abi.StateDestroying {
			m.Info.Mem.Free += g.Config.Memory
			m.Info.Partitions--
			delete(m.Guests, p.ID)
			m.Partitions = append(m.Partitions[:i], m.Partitions[i+1:]...)
			i--
			continue
		}
		if m.Fails != 0 && g.next == abi.StateCreated {
			p.State, p.Errno = abi.StateStopped, int64(m.Fails)
			continue
		}
		p.State = g.next
	}
}

// inspect answers the calls that look into a guest.
func (m *Machine) inspect(n abi.Call, buf []byte, arg func(int) uint64, p *abi.Partition, g *Guest) (uint64, uint64, error) {
	switch n {
	case abi.CallDump:
		if arg(1) >= uint64(p.VPs) {
			return 0, 0, abi.ErrNone
		}
		if m.busy = !m.busy; m.busy {
			return 0, 0, abi.ErrBusy
		}
		r := abi.Registers{Partition: p.ID, VP: uint32(arg(1)), State: p.State, RIP: 0xffffffff81000000, RFLAGS: 2, CR0: 0x80050033, CR3: 0x2000, Reason: 12}
		r.General[0] = 0x1234
		r.Header = abi.HeaderOf(&r)
		return uint64(copy(buf, r.Bytes())), 0, nil
	case abi.CallWalk:
		w := abi.Walk{Linear: arg(2), Levels: 4, Present: 1, Physical: 0x1000000, EPTLevel: 1, EPTMapped: 1, EPTEntry: 0xb7, Host: 0x41000000}
		w.Header = abi.HeaderOf(&w)
		return uint64(copy(buf, w.Bytes())), 0, nil
	case abi.CallPort:
		if arg(1) >= uint64(g.Config.Nets) {
			return 0, 0, abi.ErrNone
		}
		c := g.Config.Net[arg(1)]
		r := abi.NetPort{Partition: p.ID, Index: uint32(arg(1)), MAC: c.MAC, Group: c.Group, MTU: 1500, Up: 1, TxFrames: 10, RxFrames: 20, TxBytes: 1000, RxBytes: 2000}
		r.Header = abi.HeaderOf(&r)
		return uint64(copy(buf, r.Bytes())), 0, nil
	case abi.CallDisk:
		if arg(1) >= uint64(g.Config.Disks) {
			return 0, 0, abi.ErrNone
		}
		c := g.Config.Disk[arg(1)]
		r := abi.DiskInfo{Partition: p.ID, Index: uint32(arg(1)), Kind: c.Kind, Flags: c.Flags, Capacity: c.Capacity, Reads: 5, Serial: c.Serial}
		r.Header = abi.HeaderOf(&r)
		return uint64(copy(buf, r.Bytes())), 0, nil
	}
	return 0, 0, abi.ErrCall
}
