package partition

import (
	"perdure/partition/abi"
	"perdure/partition/rng"
	"perdure/partition/vcon"
)

// resetDevices puts what a guest was configured with into its state after power-up.
func (p *Partition) resetDevices() error {
	if err := p.disconnect(); err != nil {
		return err
	}
	p.DeviceBase, p.DeviceGSI = abi.DeviceBase, abi.DeviceGSI
	for i := range p.Disks {
		if d := &p.Disks[i]; d.Kind != 0 {
			d.Power(p.device(abi.SlotDisk + uint64(i)))
		}
	}
	p.Console.Reset()
	if p.Config.Flags&abi.ConfigConsole != 0 {
		vcon.Init(p.device(abi.SlotConsole))
	}
	p.seed()
	if p.Config.Flags&abi.ConfigEntropy != 0 {
		rng.Init(p.device(abi.SlotEntropy))
	}
	return p.plugNets()
}

// disconnect takes p's devices from those that they are connected with, before
// its memory goes.
func (p *Partition) disconnect() error {
	p.unplugNets()
	for slot := range uint64(abi.NumSlots) {
		p.device(slot).Retire()
	}
	return nil
}
