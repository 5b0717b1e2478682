package vmx

import (
	"errors"

	"perdure/vmx/vmcs"
)

// What a VMX instruction says of itself. SDM Vol. 3C, "VMX Instructions:
// Conventions".
const (
	failInvalid = 1 // there is no current VMCS to hold an error number
	failValid   = 2 // vmcs.InstructionError has it
)

// failure makes an error of a failed VMX instruction.
func failure(what string, fail uint8) error {
	switch fail {
	case 0:
		return nil
	case failValid:
		return errors.New("vmx: " + what + ": " + vmcs.Error(vmcs.InstructionError.Read()).String())
	}
	return errors.New("vmx: " + what + ": refused without a reason; the address is not that of a VMX region")
}

// Explain says in words what Enter returned.
func Explain(reason uint64) string {
	if reason&Refused != 0 {
		if e := vmcs.Error(reason); e != 0 {
			return "the processor refused to begin: " + e.String()
		}
		return "the processor refused to begin: no VMCS is current"
	}
	return vmcs.Reason(reason).String()
}
