package abi

// A disk that a process of root's serves is reached through a ring: memory that
// the hypervisor and root share, at DiskInfo.Ring. It begins with a RingHead;
// slot i's data follow at RingData + i*SlotSize.
//
// A slot belongs to the server while its state is SlotQueued, to the hypervisor
// in every other. The server takes the slots in the order of their sequence,
// does what they ask, in place, writes Status, then State = SlotDone, and calls
// CallRing. A server that is started anew finds all that was asked and not
// answered still SlotQueued, and does it again.
type RingHead struct {
	Magic    uint64 // RingMagic
	Version  uint32 // RingVersion
	Slots    uint32 // RingSlots
	SlotSize uint32 // bytes of data of a slot
	Flags    uint32 // DiskReadOnly
	Capacity uint64 // bytes of the disk
	Server   uint64 // written by the server: 1 while it serves
	Wants    uint64 // written by the server: 1 if it is to be told of new requests, see RingEvent
	Closing  uint64 // 1: the ring goes away; the server stops, and says so by Server = 0
	_        uint64
	Slot     [RingSlots]RingSlot
}

// RingSlot is one request.
type RingSlot struct {
	State  uint64 // Slot… below
	Seq    uint64 // rises by one from request to request
	Op     uint32 // RingRead…
	Status uint32 // written by the server: RingOK…
	Sector uint64 // of 512 bytes
	Bytes  uint64 // of data, at most SlotSize
	_      [3]uint64
}

// Layout of a ring.
const (
	RingMagic   = 0x474e495244524550 // "PERDRING"
	RingVersion = 1
	RingSlots   = 16
	RingSlotMax = 32 << 10 // SlotSize
	RingData    = 4096     // offset of slot 0's data
	RingBytes   = RingData + RingSlots*RingSlotMax
)

// States of a slot.
const (
	SlotFree   = iota
	SlotQueued // the server's
	SlotDone   // answered
)

// What a request asks for.
const (
	RingRead = iota
	RingWrite
	RingFlush // all that was answered before is to survive a crash
)

// Answers of the server.
const (
	RingOK = iota
	RingError
)

// Events come as single bytes from root's virtio console (/dev/hvc0): RingEvent
// plus the partition's number when one of its rings has something new and the
// server wanted to be told; StateEvent plus the number when its state changed.
const (
	RingEvent  = 0x40
	StateEvent = 0x80
)
