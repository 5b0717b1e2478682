// Package mm says which frame of memory belongs to whom.
//
// The one idea: every frame of RAM has exactly one owner, in one table.
package mm

import (
	"errors"

	"perdure/boot"
	"perdure/mm/addr"
)

// Owner is who a frame belongs to.
type Owner uint64

// Owners. Root is partition 0; the other partitions follow it.
const (
	_        Owner = iota
	Free           // nobody
	Firmware       // ACPI tables and the like
	Loader         // the loader left something there; nobody's once root has been built
	Home           // an instance of the hypervisor
	Kept           // kept state
	Root           // partition 0
)

// Partition returns the owner that is partition id.
func Partition(id uint64) Owner { return Root + Owner(id) }

var errNotYet = errors.New("mm: not started")

// Layout is what Start is told of the machine.
type Layout struct {
	Map    boot.Map
	Home   boot.Region   // this instance's
	Loaded []boot.Region // modules, the image: not to be used yet
	Kept   uint64        // size of the kept arena, 0: the default
}

// Start gives every frame an owner and makes the kept arena.
func Start(l Layout) error { return errNotYet }

// Attach finds the owners that another instance wrote, by the root page of kept state.
func Attach(root addr.HPA) error { return errNotYet }

// Alloc returns n bytes of memory, aligned, that now belong to o. They are not cleared.
func Alloc(n, align uint64, o Owner) (addr.HPA, error) { return 0, errNotYet }

// AllocBelow is Alloc below a limit.
func AllocBelow(limit addr.HPA, n, align uint64, o Owner) (addr.HPA, error) { return 0, errNotYet }

// Claim gives o all that is Free or Loader in [start, start+size), and returns how many bytes that was.
func Claim(start addr.HPA, size uint64, o Owner) (uint64, error) { return 0, errNotYet }

// Release makes [start, start+size), which must belong to o, free.
func Release(start addr.HPA, size uint64, o Owner) error { return errNotYet }

// ReleaseAll makes all that belongs to o free.
func ReleaseAll(o Owner) error { return errNotYet }

// OwnerOf returns who f belongs to; ok is false if it is no RAM.
func OwnerOf(f addr.Frame) (o Owner, ok bool) { return 0, false }

// Bytes returns n bytes of physical memory at a; nil if the direct map does not
// have all of them, or if any is in this instance's home.
func Bytes(a addr.HPA, n uint64) []byte { return nil }
