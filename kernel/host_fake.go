//go:build !metal

package kernel

import (
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"perdure/boot"
	"perdure/kernel/pages"
	"perdure/mm/addr"
)

// On a host there is one processor that has no interrupts, and its TSC counts
// nanoseconds.
var fake CPU

// This returns the block of the processor that it runs on.
func This() *CPU { return &fake }

// Boot returns an empty boot page.
func Boot() *boot.Page { return &fakePage }

var fakePage boot.Page

// MapMemory reports success: a host maps its own memory.
func MapMemory(end addr.HPA) bool { return true }

// ClockWarning returns 0.
func ClockWarning() (claimed uint64) { return 0 }

// CPUs returns how many processors run Go.
func CPUs() int { return 1 }

// CPUAt returns the block of processor i.
func CPUAt(i int) *CPU { return &fake }

// Idle returns at once: on a host nothing interrupts.
func Idle(deadline uint64) { runtime.Gosched() }

// Enter and Leave would be the ends of a section that faults are made in.
func Enter(uint64) {}
func Leave()       {}

// Admit finds nothing: on a host nothing interrupts.
func Admit() bool { return false }

// Yield lets other goroutines run.
func Yield() { fake.Lower(FlagSignal | FlagThread); runtime.Gosched() }

// Kick makes c notice its flags.
func (c *CPU) Kick() { atomic.AddUint64(&c.nmis, 0) }

// KickOthers has nobody to make notice.
func KickOthers() {}

// Controls finds nothing wrong: a host's control registers are not ours.
func Controls() (wrong bool) { return false }

// Host returns an empty host state.
func Host() HostState { return HostState{} }

// TSCHz returns the frequency of TSC.
func TSCHz() uint64 { return uint64(time.Second) }

// TSC returns the time-stamp counter.
func TSC() uint64 { return uint64(time.Now().UnixNano()) }

// StartAPs fails: a host has no processors to give.
func StartAPs(ids []uint32) error { return errors.New("kernel: no processors on a host") }

// Golden returns false: on a host nothing is thrown away.
func Golden() (again bool) { return false }

// Repair has nothing to do on a host.
func Repair() (done bool) { return true }

// Arm does nothing on a host.
func Arm() {}

// TakeNMI does nothing on a host, where nobody asks for an NMI.
func TakeNMI() (unasked bool) { return true }

// ResetStats returns nothing on a host.
func ResetStats() (s Stats) { return s }

// HomeUsed returns 0: a host has no home.
func HomeUsed() uint64 { return 0 }

// ScrubEntry looks at nothing on a host.
func ScrubEntry() bool { return false }

// CheckTables examines nothing: a host's tables are not ours.
func CheckTables() (r pages.Report) { return r }

// CheckGolden examines nothing: on a host there is no golden copy.
func CheckGolden(from uint64, r *pages.Report) (next uint64) { return 0 }

// CheckStacks examines nothing: a host's stacks are not ours.
func CheckStacks() (r pages.Report) { return r }

// KeepPage returns 0 on a host.
func KeepPage() addr.HPA { return 0 }

// Keep returns a page of zeros.
func Keep() *[addr.PageSize / 8]uint64 { return &fakeKeep }

var fakeKeep [addr.PageSize / 8]uint64

// Twins returns memory of this program's.
func Twins() *[TwinWords]uint64 { return &fakeTwins }

var fakeTwins [TwinWords]uint64

// Recovers, Recovered and Tries have nothing to do with a host; LastCrash is empty.
func Recovers()           {}
func Recovered()          {}
func Tries() uint64       { return 0 }
func (c *CPU) Lead() bool { return true }

// Exits does nothing on a host.
func Exits(from, end, landing, landed uint64) {}

// Epoch returns 0: a host is never reset.
func Epoch() uint64 { return 0 }

// GiveUp does nothing on a host.
func GiveUp() {}

// Fail panics on a host.
func Fail(what string) { panic(what) }

// Hung panics on a host.
func Hung(i uint64) { panic("hung") }

// What Look looks at besides code.
const (
	LookConstants = 1 << iota
	LookEntry
)

// Scrub has nothing to do on a host, and Mended has seen nothing.
func Scrub(from uint64) (next uint64) { return 0 }
func Mended() uint64                  { return 0 }

// ScrubCopies has nothing to do on a host, and Lost has seen nothing.
func ScrubCopies(from uint64) (next uint64) { return 0 }
func Lost() uint64                          { return 0 }

// Look and LookAt have nothing to look at on a host, and nothing is wrong.
func Look(what, from, most uint64) (next uint64) { return 0 }
func LookAt(rip uint64)                          {}
func Wrong() bool                                { return false }

// LastCrash returns one that nothing led to.
func LastCrash() *Crash { return &fakeCrash }

var fakeCrash Crash

// Reset does nothing on a host.
func Reset() {}

// MakeSeat returns 0: a host's program is entered by nobody.
func MakeSeat(exit uint64) addr.HPA { return 0 }

// TakeSeat returns false.
func TakeSeat() bool { return false }

// Depart does nothing on a host.
func Depart(s *Seat, i uint64) {}

// FlushPCID does nothing on a host.
func FlushPCID(cr3 uint64) {}

// Arrived returns CameReset.
func Arrived() Came { return CameReset }

// Host returns an empty host state.
func (s *Seat) Host(i uint64) HostState { return HostState{} }

// SetAPICIDs does nothing on a host.
func SetAPICIDs(ids []uint32) {}

// Last returns at once: a host has one processor.
func Last() {}

// SeatPage returns 0: a host's program is entered by nobody.
func SeatPage() addr.HPA { return 0 }

// Backed does nothing on a host.
func Backed(a addr.HPA) {}

// Standby, Beyond, Reboot and Inherit do nothing on a host, and CrashPage is nowhere.
func Standby(a addr.HPA)  {}
func Beyond(why uint64)   {}
func Reboot(why uint64)   {}
func Damaged() bool       { return false }
func Inherit(a addr.HPA)  {}
func CrashPage() addr.HPA { return 0 }

// Confirmed does nothing on a host.
func Confirmed() {}
