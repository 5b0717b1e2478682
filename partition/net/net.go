// Package net is the network switch between partitions.
//
// The one idea: the switch holds no frame. A frame lies in its sender's transmit
// queue until it is in the receive queue of everybody it goes to, so nothing
// that happens to the hypervisor can lose one, and a small record of how far the
// present frame has come keeps it from arriving twice.
//
// A frame is copied once, from one partition's memory to another's. A receiver
// without buffers makes its senders wait, for Switch.Patience at most; after
// that it is deaf, and frames to it are dropped, until it gives buffers again.
//
// Cards of one group are one Ethernet; groups do not reach each other. A card's
// own address is its own: nobody else of its group sends from it.
package net

import (
	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/partition/ram"
	"perdure/partition/tx"
	"perdure/partition/virtio"
)

// Limits. Port i is card i mod abi.MaxNets of partition i div abi.MaxNets.
const (
	MaxPorts = 32
	MaxCPUs  = 32
	nobody   = MaxCPUs // as a processor: whoever it is does not dispatch
	MinMTU   = abi.MinMTU
	MaxMTU   = abi.MaxMTU
)

// Queues of a card. Virtio, "Network Device", "Virtqueues".
const (
	QueueReceive  = 0
	QueueTransmit = 1
)

// What Switch.Owing has for port 0.
const (
	OweReceive  = 1
	OweTransmit = 1 << MaxPorts
)

// Switch is all ports and what the switch has learned: a kept record.
//
// At rest: no port's Lock is taken.
type Switch struct {
	kept.Header
	Patience uint64 // TSC ticks that a frame waits for a receive buffer
	Age      uint64 // TSC ticks after which an address that nobody sends from is forgotten
	Live     uint64 // ports whose driver is ready, a bit each
	Owing    uint64 // ports that are owed an interrupt: Owe… shifted by the port
	Failing  uint64 // ports that are owed the news that their device has failed
	Waiting  uint64 // ports whose first frame waits for a receive buffer
	Port     [MaxPorts]Port
	Station  [Stations]Station `kept:"hint"`
	Room     [nobody + 1]Room
}

// Port is one card: a kept record.
//
// At rest: Put.Busy is 0. Sent.Busy may be 1; Left then has a bit for each port
// that has not got the frame.
type Port struct {
	Exists uint64 // 1: there is such a card
	MAC    uint64 // its 6 bytes, the first one lowest
	Group  uint64
	MTU    uint64

	Lock    uint64 // 1 + processor that fills its receive queue
	Waiters uint64 // ports that wait for its receive buffers
	Deaf    uint64 // 1: it let a frame wait too long and has given no buffer since
	Sent    Sent
	Put     Put

	TxFrames, TxBytes uint64 // that went out
	RxFrames, RxBytes uint64 // that came in
	TxBad             uint64 // refused: malformed, too long, or from somebody else's address
	TxUnknown         uint64 // sent to nobody there
	RxFull            uint64 // had to wait for a receive buffer
	RxDropped         uint64 // given up, or larger than it takes
}

// Room is where a processor puts what it needs while it moves a frame: a kept
// record, which means nothing at rest.
type Room struct {
	From, To virtio.Chain
	Log      tx.Log
}

// Wire is what a port's frames go through. Who serves the device owns it, as
// partition has it; the receive queue is filled by others too, under Lock.
type Wire struct {
	Device *virtio.Device
	Memory *ram.RAM
}

// wires are derived from kept state at start.
var wires [MaxPorts]Wire

// Connect says where port i's device and memory are; for as long as the instance lives.
func Connect(i uint64, w Wire) { wires[i] = w }

// port returns port i.
//
//go:nosplit
func (s *Switch) port(i uint64) *Port { return &s.Port[i&(MaxPorts-1)] }

//go:nosplit
func (s *Switch) room(cpu uint64) *Room { return &s.Room[min(cpu, nobody)] }

//go:nosplit
func wire(i uint64) *Wire { return &wires[i&(MaxPorts-1)] }

//go:nosplit
func bit(i uint64) uint64 { return 1 << (i & (MaxPorts - 1)) }

// Relax is one step of waiting for another processor. Package partition sets it, before an
// instance is sealed.
var Relax = func() {}

// take takes a port's Lock.
//
//go:nosplit
func take(word *uint64, cpu uint64) {
	for !cas(word, 0, cpu+1) {
		Relax()
	}
}
