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

// UnblockNMI lets NMIs through again after an exit that was caused by one.
// SDM Vol. 3C, "Overview of VM Exits": only IRET ends the blocking.
func UnblockNMI()

// exitPC returns the address that the processor continues at after a VM exit.
func exitPC() uint64
