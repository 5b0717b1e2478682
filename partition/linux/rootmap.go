package linux

import (
	"perdure/boot"
	"perdure/mm/addr"
)

// RootMemory returns the memory map of the root partition: the machine's, with
// RAM from limit on reserved, and over laid upon it (the hypervisor's own
// memory as boot.Ours, tables that were written for root as boot.ACPI).
// Root's memory is the machine's at identical addresses, hence the conversions.
func RootMemory(machine boot.Map, limit addr.HPA, over ...boot.Region) []Range {
	var above []boot.Region
	for _, r := range machine {
		if r.Kind == boot.RAM && r.End() > limit {
			start := max(r.Start, limit)
			above = append(above, boot.Region{Start: start, Size: uint64(r.End() - start), Kind: boot.Reserved})
		}
	}
	m := machine.Overlay(append(above, over...)...)
	out := make([]Range, len(m))
	for i, r := range m {
		out[i] = Range{addr.GPA(r.Start), r.Size, r.Kind}
		if r.Kind == boot.Ours {
			out[i].Kind = boot.Reserved
		}
	}
	return out
}
