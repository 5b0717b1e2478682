//go:build metal

package vmx

// Enter applies c.Commit, runs the guest whose VMCS is current until the next
// VM exit, and returns the exit reason: bits above the basic reason as in
// vmcs.ExitReason, or Refused with a vmcs.Error.
//
// Preconditions: IF is 0; c is the record that HOST_RSP of the current VMCS
// points into; ReturnToGuest(c) was called since the last LeaveGuest(c).
//
//go:noescape
func Enter(c *Context) (reason uint64)

// EnterFor is Enter on behalf of another instance: the host state of the current
// VMCS is that one's, and so is frame, the stack where its exit stub will find a
// caller. It does not return.
func EnterFor(c *Context, frame uint64)

// ExitPC returns where VM exits of this instance land.
func ExitPC() uint64 { return landing() }

// UnblockNMI lets NMIs through again after an exit that was caused by one.
// SDM Vol. 3C, "Overview of VM Exits": only IRET ends the blocking.
func UnblockNMI()

// exitEnd returns the address behind the code there, up to its return.
func exitEnd() uint64

// exitPC returns the address that the processor continues at after a VM exit.
func exitPC() uint64
