package partition

import (
	"perdure/partition/blk"
	"perdure/partition/cmos"
	"perdure/partition/device"
	"perdure/partition/ioapic"
	"perdure/partition/lapic"
	"perdure/partition/net"
	"perdure/partition/pic"
	"perdure/partition/pit"
	"perdure/partition/pm"
	"perdure/partition/rng"
	"perdure/partition/serial"
	"perdure/partition/vcon"
	"perdure/partition/virtio"
)

// Every device of a partition can be saved, loaded and reset; one that cannot
// does not compile.
var _ = [...]struct {
	device.Device
	reset any
}{
	{(*lapic.State)(nil), (*lapic.State).Reset},
	{(*ioapic.State)(nil), (*ioapic.State).Reset},
	{(*serial.State)(nil), (*serial.State).Reset},
	{(*pic.State)(nil), (*pic.State).Reset},
	{(*pit.State)(nil), (*pit.State).Reset},
	{(*pm.State)(nil), (*pm.State).Reset},
	{(*cmos.State)(nil), (*cmos.State).Reset},
	{(*virtio.Device)(nil), (*virtio.Device).Reset},
	{(*net.Port)(nil), (*net.Port).Reset},
	{(*blk.Disk)(nil), (*blk.Disk).Reset},
	{(*vcon.State)(nil), (*vcon.State).Reset},
	{(*rng.State)(nil), (*rng.State).Reset},
}
