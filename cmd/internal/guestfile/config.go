package guestfile

import "perdure/partition/abi"

// Config is the guest as the hypervisor makes it.
func (g *Guest) Config() *abi.Config {
	c := &abi.Config{
		Memory: g.Memory, VPs: g.VPs, Weight: g.Weight, CPUs: g.CPUs, Platform: g.Platform,
		Nets: uint32(len(g.Nets)), Disks: uint32(len(g.Disks)),
	}
	c.Header = abi.HeaderOf(c)
	abi.SetText(c.Name[:], g.Name)
	if g.Console {
		c.Flags |= abi.ConfigConsole
	}
	if g.Entropy {
		c.Flags |= abi.ConfigEntropy
	}
	for i, n := range g.Nets {
		c.Net[i] = abi.NetConfig{MAC: n.MAC, Group: n.Group, MTU: n.MTU}
	}
	for i, d := range g.Disks {
		to := &c.Disk[i]
		to.Kind, to.Capacity = abi.DiskRAM, d.Capacity
		if d.File != "" {
			to.Kind = abi.DiskFile
		}
		if d.ReadOnly {
			to.Flags |= abi.DiskReadOnly
		}
		abi.SetText(to.Serial[:], d.Serial)
	}
	return c
}
