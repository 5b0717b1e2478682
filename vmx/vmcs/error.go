package vmcs

// Error is a VM-instruction error number. SDM Vol. 3C, "VM Instruction Error Numbers".
type Error uint32

var errorTexts = [...]string{
	1:  "VMCALL in VMX root operation",
	2:  "VMCLEAR with invalid physical address",
	3:  "VMCLEAR with VMXON pointer",
	4:  "VMLAUNCH with non-clear VMCS",
	5:  "VMRESUME with non-launched VMCS",
	6:  "VMRESUME after VMXOFF",
	7:  "VM entry with invalid control fields",
	8:  "VM entry with invalid host-state fields",
	9:  "VMPTRLD with invalid physical address",
	10: "VMPTRLD with VMXON pointer",
	11: "VMPTRLD with incorrect VMCS revision identifier",
	12: "VMREAD or VMWRITE of an unsupported field",
	13: "VMWRITE to a read-only field",
	15: "VMXON in VMX root operation",
	16: "VM entry with invalid executive-VMCS pointer",
	17: "VM entry with non-launched executive VMCS",
	18: "VM entry with executive-VMCS pointer not VMXON pointer",
	19: "VMCALL with non-clear VMCS",
	20: "VMCALL with invalid VM-exit control fields",
	22: "VMCALL with incorrect MSEG revision identifier",
	23: "VMXOFF under dual-monitor treatment",
	24: "VMCALL with invalid SMM-monitor features",
	25: "VM entry with invalid execution control fields in executive VMCS",
	26: "VM entry with events blocked by MOV SS",
	28: "invalid operand to INVEPT or INVVPID",
}

// String is the manual's description.
func (e Error) String() string {
	if int(e) < len(errorTexts) && errorTexts[e] != "" {
		return errorTexts[e]
	}
	return "unknown VM-instruction error"
}
