//go:build metal

package vmx

// vmxon enters VMX operation with the region at physical address pa.
func vmxon(pa uint64) (fail uint8)

// vmxoff leaves VMX operation.
func vmxoff() (fail uint8)

// vmclear writes the VMCS at pa back to memory and makes it inactive here.
func vmclear(pa uint64) (fail uint8)

// vmptrld makes the VMCS at pa the current one.
func vmptrld(pa uint64) (fail uint8)

// vmptrst returns the physical address of the current VMCS, all ones if none is.
func vmptrst() uint64

// invept forgets translations through EPTs.
func invept(kind, eptp, zero uint64) (fail uint8)

// invvpid forgets translations of one VPID, or of all.
func invvpid(kind, vpid, linear uint64) (fail uint8)

// loadGuest puts c's MSRs, MXCSR and CR2 into the processor; see ReturnToGuest.
//
//go:noescape
func loadGuest(c *Context)

// loadHost takes the guest's KERNEL_GS_BASE into c and loads the host's MSRs and
// MXCSR; see LeaveGuest.
//
//go:noescape
func loadHost(c *Context, h *syscallMSRs)
