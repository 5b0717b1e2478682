package vmx

import (
	"unsafe"

	"perdure/kernel"
)

// Where a processor's block has what the count of instructions needs.
// SAFETY: offsets only.
const (
	stepLeft   = unsafe.Offsetof(kernel.CPU{}.Step) + unsafe.Offsetof(kernel.Step{}.Left)
	stepReason = unsafe.Offsetof(kernel.CPU{}.Step) + unsafe.Offsetof(kernel.Step{}.Reason)
	stepEach   = unsafe.Offsetof(kernel.CPU{}.Step) + unsafe.Offsetof(kernel.Step{}.Each)
	stepSkip   = unsafe.Offsetof(kernel.CPU{}.Step) + unsafe.Offsetof(kernel.Step{}.Skip)
)
