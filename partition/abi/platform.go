package abi

// The platform of a guest partition, in guest-physical memory and I/O space.
const (
	LowTop    = 0xe0000000 // memory below 4 GiB ends here at the latest; the rest begins at HighStart
	HighStart = 1 << 32

	TablesAt   = 0xe0000 // ACPI tables, the root pointer first
	TablesSize = 0x20000

	DeviceBase   = 0xfe000000 // virtio-mmio windows, one after the other
	DeviceStride = 0x1000
	DeviceSize   = 0x200
	NumSlots     = 8
	DeviceGSI    = 16 // of slot 0; edge-triggered, active high
	IOAPICBase   = 0xfec00000
	LAPICBase    = 0xfee00000
	IOAPICPins   = 24

	SerialPort = 0x3f8
	SerialGSI  = 4
	SCIGSI     = 9 // level-triggered, active high

	PM1Event   = 0x600 // PM1a status and enable, 4 bytes
	PM1Control = 0x604 // PM1a control, 2 bytes
	ResetPort  = 0x608 // ACPI's reset register, 1 byte
	ResetValue = 1
	SleepOff   = 5 // SLP_TYP of \_S5
)

// Slots of a guest's virtio devices. A slot without a device has device id 0.
const (
	SlotNet     = 0 // MaxNets of them
	SlotDisk    = 2 // MaxDisks of them
	SlotConsole = 6
	SlotEntropy = 7
)
