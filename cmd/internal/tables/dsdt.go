package tables

import (
	"fmt"

	"perdure/partition/abi"
)

// dsdt returns the table of devices that cannot be found otherwise: the serial
// port, the virtio devices that this guest has, and how to switch off.
func dsdt(c *abi.Config) []byte {
	b := newTable("DSDT", 2)
	off := block(opPackage, []byte{4}, number(abi.SleepOff), number(abi.SleepOff), []byte{opZero, opZero})
	devices := device("COM1",
		named("_HID", eisa("PNP0501")),
		named("_UID", number(1)),
		resources(ports(abi.SerialPort, 8), irq(abi.SerialGSI)))
	for _, slot := range Slots(c) {
		devices = append(devices, device(fmt.Sprintf("VIO%d", slot),
			named("_HID", text("LNRO0005")),
			named("_UID", number(byte(slot))),
			named("_CCA", number(1)),
			resources(memory(uint32(abi.DeviceBase+slot*abi.DeviceStride), abi.DeviceSize), edge(uint32(abi.DeviceGSI+slot))))...)
	}
	return join(b, named("\\_S5_", off), scope("\\_SB_", devices))
}

// Slots lists the virtio slots of a guest that have a device.
func Slots(c *abi.Config) (slots []int) {
	for i := range min(int(c.Nets), abi.MaxNets) {
		slots = append(slots, abi.SlotNet+i)
	}
	for i := range min(int(c.Disks), abi.MaxDisks) {
		slots = append(slots, abi.SlotDisk+i)
	}
	if c.Flags&abi.ConfigConsole != 0 {
		slots = append(slots, abi.SlotConsole)
	}
	if c.Flags&abi.ConfigEntropy != 0 {
		slots = append(slots, abi.SlotEntropy)
	}
	return slots
}
