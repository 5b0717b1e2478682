package boot

import (
	"perdure/boot/le"
	"perdure/mm/addr"
)

// Memory types of UEFI. UEFI Specification, "EFI_BOOT_SERVICES.GetMemoryMap()".
const (
	efiLoaderCode   = 1
	efiBootData     = 4
	efiConventional = 7
	efiUnusable     = 8
	efiACPIReclaim  = 9
	efiACPINVS      = 10
	efiPersistent   = 14
)

// efiWB says that memory can be cached; without it, it is no ordinary RAM.
const efiWB = 1 << 3

// efiMmap takes in a tag 17: descriptor size, version, descriptors.
func (p *parser) efiMmap(b []byte) error {
	if len(b) < 8 || le.U32(b, 0) < 40 || le.U32(b, 0) > 4096 {
		return damaged("has an EFI memory map with impossible descriptors")
	}
	size := int(le.U32(b, 0))
	for b = b[8:]; len(b) >= size && len(p.efi) < maxRegions; b = b[size:] {
		pages := le.U64(b, 24)
		if pages > 1<<40 {
			return damaged("has an EFI memory map with a region of impossible size")
		}
		p.efi = append(p.efi, Region{addr.HPA(le.U64(b, 8)), pages * addr.PageSize, efiKind(le.U32(b, 0), le.U64(b, 32))})
	}
	return nil
}

// efiKind returns what memory of an EFI type is once boot services are gone.
func efiKind(kind uint32, attributes uint64) Kind {
	switch {
	case kind == efiConventional || efiLoaderCode <= kind && kind <= efiBootData:
		if attributes&efiWB == 0 {
			return Reserved
		}
		return RAM
	case kind == efiACPIReclaim:
		return ACPI
	case kind == efiACPINVS:
		return NVS
	case kind == efiUnusable:
		return Bad
	case kind == efiPersistent:
		return PMem
	}
	return Reserved
}
