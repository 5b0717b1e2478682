package partition

import (
	"unsafe"

	"perdure/kernel"
	"perdure/mm/kept"
)

// Records change at every exit, but not what makes them this partition, this VP,
// this processor and this machine. Those words are steady: they have a checksum,
// in the record, and a twin that belongs to the instance.

// stretch is some steady words that lie together in a record.
type stretch struct{ at, words uintptr }

// The order is that of the checksum, which other builds with other layouts must
// find to be the same.
var (
	hostSteady = [...]stretch{
		{unsafe.Offsetof(Host{}.CPUs), 1}, {unsafe.Offsetof(Host{}.TickLen), 1}, {unsafe.Offsetof(Host{}.SliceLen), 1},
		{unsafe.Offsetof(Host{}.EarlyMax), 1}, {unsafe.Offsetof(Host{}.TSCHz), 1}, {unsafe.Offsetof(Host{}.TSCRatio), 1},
		{unsafe.Offsetof(Host{}.Start), 1}, {unsafe.Offsetof(Host{}.Epoch), 1}, {unsafe.Offsetof(Host{}.ConsoleGSI), 1},
		{unsafe.Offsetof(Host{}.XCR0), 1}, {unsafe.Offsetof(Host{}.CR4Allowed), 1}, {unsafe.Offsetof(Host{}.MiscEnable), 1},
		{unsafe.Offsetof(Host{}.Microcode), 1}, {unsafe.Offsetof(Host{}.PlatformID), 1},
		{unsafe.Offsetof(Host{}.PM1a), 1}, {unsafe.Offsetof(Host{}.PM1b), 1},
		{unsafe.Offsetof(Host{}.ResetPort), 1}, {unsafe.Offsetof(Host{}.ResetValue), 1},
	}
	cpuSteady = [...]stretch{
		{unsafe.Offsetof(CPU{}.Index), 1}, {unsafe.Offsetof(CPU{}.APICID), 1}, {unsafe.Offsetof(CPU{}.Region), 1},
	}
	vpSteady = [...]stretch{
		{unsafe.Offsetof(VP{}.Part), 1}, {unsafe.Offsetof(VP{}.ID), 1}, {unsafe.Offsetof(VP{}.VMCS), 1},
	}
	partSteady = [...]stretch{
		{unsafe.Offsetof(Partition{}.Kind), 1}, {unsafe.Offsetof(Partition{}.ID), 1}, {unsafe.Offsetof(Partition{}.Name), 4},
		{unsafe.Offsetof(Partition{}.FirstVP), 1}, {unsafe.Offsetof(Partition{}.VPs), 1},
		{unsafe.Offsetof(Partition{}.RAM), unsafe.Sizeof(Partition{}.RAM) / 8},
		{unsafe.Offsetof(Partition{}.MSRBits), 1}, {unsafe.Offsetof(Partition{}.IOBits), 1}, {unsafe.Offsetof(Partition{}.Memory), 1},
		{unsafe.Offsetof(Partition{}.Created), 1}, {unsafe.Offsetof(Partition{}.Weight), 1}, {unsafe.Offsetof(Partition{}.Allowed), 1},
		{unsafe.Offsetof(Partition{}.Config), unsafe.Sizeof(Partition{}.Config) / 8},
		{unsafe.Offsetof(Partition{}.Pieces), 1}, {unsafe.Offsetof(Partition{}.Piece), unsafe.Sizeof(Partition{}.Piece) / 8},
		{unsafe.Offsetof(Partition{}.SerialGSI), 1}, {unsafe.Offsetof(Partition{}.Tty) + unsafe.Offsetof(Tty{}.Ring), 1},
		{unsafe.Offsetof(Partition{}.DeviceBase), 1}, {unsafe.Offsetof(Partition{}.DeviceGSI), 1}, {unsafe.Offsetof(Partition{}.PC), 1},
	}
)

// How many words of kernel.Twins a record has: a checksum and its steady words.
const (
	hostTwin    = 1 + uint64(len(hostSteady))
	cpuTwin     = 1 + uint64(len(cpuSteady))
	vpTwin      = 1 + uint64(len(vpSteady))
	standbyTwin = 2 // the seat of the standby whose home has been added up, and its sum
	partTwin    = 1 + 16 + 4 + uint64(unsafe.Sizeof(Partition{}.RAM)+unsafe.Sizeof(Partition{}.Config)+unsafe.Sizeof(Partition{}.Piece))/8
)

// Where the twins lie.
const (
	twinHost    = 0
	twinCPUs    = twinHost + hostTwin
	twinVPs     = twinCPUs + MaxCPUs*cpuTwin
	twinPart    = twinVPs + MaxVPs*vpTwin
	twinStandby = twinPart + MaxPartitions*partTwin
	twinEnd     = twinStandby + standbyTwin
)

var _ [kernel.TwinWords - twinEnd]byte

// steady is what is known of one record's steady words.
type steady struct {
	at   unsafe.Pointer
	list []stretch
	sum  *uint64  // in the record
	twin []uint64 // its checksum, 0 if there is no twin; then the words
}

// SAFETY: for all that follows: a record is one of the kept tables, and every stretch
// lies within it.

//go:nosplit
func (h *Host) steady() steady {
	return steady{unsafe.Pointer(h), hostSteady[:], &h.Identity, kernel.Twins()[twinHost:][:hostTwin]}
}

//go:nosplit
func (c *CPU) steady() steady {
	return steady{unsafe.Pointer(c), cpuSteady[:], &c.Identity, kernel.Twins()[twinCPUs+c.slot()*cpuTwin:][:cpuTwin]}
}

//go:nosplit
func (v *VP) steady() steady {
	return steady{unsafe.Pointer(v), vpSteady[:], &v.Identity, kernel.Twins()[twinVPs+v.slot()*vpTwin:][:vpTwin]}
}

//go:nosplit
func (p *Partition) steady() steady {
	return steady{unsafe.Pointer(p), partSteady[:], &p.Identity, kernel.Twins()[twinPart+p.slot()*partTwin:][:partTwin]}
}

// slot returns which record p is, whatever is in it.
//
//go:nosplit
func (p *Partition) slot() uint64 {
	return uint64(uintptr(unsafe.Pointer(p))-uintptr(unsafe.Pointer(tab.Partitions))) / uint64(unsafe.Sizeof(Partition{})) % MaxPartitions
}

// slot returns which record c is, whatever is in it.
//
//go:nosplit
func (c *CPU) slot() uint64 {
	return uint64(uintptr(unsafe.Pointer(c))-uintptr(unsafe.Pointer(tab.CPUs))) / uint64(unsafe.Sizeof(CPU{})) % MaxCPUs
}

// slot returns which record v is, whatever is in it.
//
//go:nosplit
func (v *VP) slot() uint64 {
	return uint64(uintptr(unsafe.Pointer(v))-uintptr(unsafe.Pointer(tab.VPs))) / uint64(unsafe.Sizeof(VP{})) % MaxVPs
}

// now returns the checksum of the record's words.
//
//go:nosplit
func (s *steady) now() uint64 {
	sum := kept.Empty
	for i := range s.list {
		l := &s.list[i]
		for k := uintptr(0); k < l.words; k++ {
			sum = kept.Add(sum, *(*uint64)(unsafe.Add(s.at, l.at+8*k)))
		}
	}
	return sum
}

// move copies the words into the twin, or from it.
//
//go:nosplit
func (s *steady) move(back bool) {
	n := 1
	for i := range s.list {
		l := &s.list[i]
		for k := uintptr(0); k < l.words && n < len(s.twin); k++ {
			w := (*uint64)(unsafe.Add(s.at, l.at+8*k))
			if back {
				*w = s.twin[n]
			} else {
				s.twin[n] = *w
			}
			n++
		}
	}
}
