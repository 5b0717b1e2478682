package partition

import (
	"perdure/boot/acpi"
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/partition/vcon"
)

// rootDevices gives root virtio devices. Their windows are at the address of the
// kept arena: that is memory of ours, so no device of the machine is there, and
// root has nothing mapped.
func (p *Partition) rootDevices() error {
	p.DeviceBase = uint64(kept.Root())
	vcon.Init(p.device(rootSlotConsole))
	return p.plugNet(0, &p.Config.Net[0], x86.RDTSC()*0x9e3779b97f4a7c15>>16)
}

// listed returns p's virtio devices as tables describe them.
func (p *Partition) listed() (list []acpi.Virtio) {
	for i := range uint64(abi.NumSlots) {
		if p.device(i).ID != 0 && p.DeviceGSI != 0 {
			list = append(list, acpi.Virtio{
				Addr: p.DeviceBase + i*abi.DeviceStride, Size: abi.DeviceSize, GSI: uint32(p.DeviceGSI + i),
			})
		}
	}
	return list
}
