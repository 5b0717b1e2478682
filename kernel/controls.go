//go:build metal

package kernel

import "perdure/kernel/x86"

// Controls writes this processor's control registers anew, if wrong code has written them or
// the fields of a VMCS that an exit loads them from, and reports whether they were wrong.
//
//go:nosplit
func Controls() (wrong bool) {
	cr0, cr4 := controls()
	if x86.ReadCR0() != cr0 {
		x86.WriteCR0(cr0)
		wrong = true
	}
	if x86.ReadCR4() != cr4 {
		x86.WriteCR4(cr4)
		wrong = true
	}
	return wrong
}

// controls returns what is to be in CR0 and CR4. VMXE nobody can take away from a processor
// in VMX operation.
//
//go:nosplit
func controls() (cr0, cr4 uint64) {
	s := &mach().set
	if s.taken == 0 {
		return x86.ReadCR0(), x86.ReadCR4()
	}
	return s.cr0, s.cr4 | x86.ReadCR4()&x86.CR4VMXE
}
