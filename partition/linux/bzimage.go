package linux

import (
	"perdure/boot/le"
	"perdure/mm/addr"
)

// Fields of the setup header, by their offset in the file and in the zero page.
// Linux, "The Linux/x86 Boot Protocol", section "The Real-Mode Kernel Header".
const (
	hdrStart       = 0x1f1
	hdrSetupSects  = 0x1f1
	hdrSysSize     = 0x1f4
	hdrBootFlag    = 0x1fe
	hdrJump        = 0x200
	hdrMagic       = 0x202
	hdrVersion     = 0x206
	hdrLoaderType  = 0x210
	hdrLoadFlags   = 0x211
	hdrCode32      = 0x214
	hdrRamdisk     = 0x218
	hdrRamdiskSize = 0x21c
	hdrCmdline     = 0x228
	hdrInitrdMax   = 0x22c
	hdrAlign       = 0x230
	hdrRelocatable = 0x234
	hdrMinAlign    = 0x235
	hdrXLoadFlags  = 0x236
	hdrCmdlineSize = 0x238
	hdrSetupData   = 0x250
	hdrPref        = 0x258
	hdrInitSize    = 0x260
	hdrEnd         = 0x290

	protocol64  = 0x20c // has xloadflags
	xlfKernel64 = 1     // xloadflags: there is a 64-bit entry
	loadedHigh  = 1     // loadflags: the protected-mode part is at 1 MiB or above
	entry64     = 0x200 // of the protected-mode part
	maxKernel   = 1 << 30
)

// parseBzImage reads the setup header of a bzImage.
func parseBzImage(b []byte) (*image, error) {
	version := le.U16(b, hdrVersion)
	if version < protocol64 {
		return nil, &Error{"kernel: bzImage of boot protocol " + decimal(uint64(version>>8)) + "." + decimal(uint64(version&0xff)),
			"2.12 or newer is needed, that is Linux 3.8"}
	}
	if le.U16(b, hdrXLoadFlags)&xlfKernel64 == 0 {
		return nil, &Error{"kernel: bzImage without a 64-bit entry", "use a kernel for amd64"}
	}
	sects := uint64(b[hdrSetupSects])
	if sects == 0 {
		sects = 4
	}
	off := (sects + 1) * 512
	n := uint64(le.U32(b, hdrSysSize)) * 16
	if n <= entry64 || n > maxKernel {
		return nil, &Error{"kernel: bzImage says that it is " + decimal(n) + " bytes long", "the file is damaged; copy it again"}
	}
	// The size counts units of 16 bytes; the file may end inside the last one.
	if off+n > uint64(len(b))+15 {
		return nil, &Error{"kernel: bzImage is cut short, it has " + decimal(uint64(len(b))) + " of " + decimal(off+n) + " bytes", "copy it again"}
	}
	n = min(n, uint64(len(b))-off)
	img := &image{
		kind:      "bzImage",
		steps:     []Copy{{FromKernel, off, 0, n}},
		base:      addr.GPA(le.U64(b, hdrPref)),
		size:      max(uint64(le.U32(b, hdrInitSize)), n),
		entry:     entry64,
		cmdline:   uint64(le.U32(b, hdrCmdlineSize)),
		initrdMax: uint64(le.U32(b, hdrInitrdMax)),
	}
	img.size = (img.size + addr.PageSize - 1) &^ (addr.PageSize - 1)
	if img.size > maxKernel || img.base > 1<<46 || uint64(img.base)%addr.PageSize != 0 {
		return nil, &Error{"kernel: bzImage wants " + decimal(img.size) + " bytes at " + hex(uint64(img.base)), "the file is damaged; copy it again"}
	}
	if b[hdrRelocatable] != 0 {
		img.align = uint64(le.U32(b, hdrAlign))
		if img.align < addr.PageSize || img.align&(img.align-1) != 0 || img.align > addr.Page1G {
			return nil, &Error{"kernel: bzImage wants to be aligned to " + decimal(img.align) + " bytes", "the file is damaged; copy it again"}
		}
	}
	img.header = make([]byte, hdrEnd)
	end := min(hdrMagic+int(b[hdrJump+1]), hdrEnd, len(b))
	copy(img.header[hdrStart:], b[hdrStart:max(end, hdrInitSize+4)])
	return img, nil
}
