package abi

// CPUID leaves that every partition sees.
const (
	LeafMax       = 0x40000000 // EAX: highest of ours; EBX, ECX, EDX: the signature
	LeafInterface = 0x40000001 // EAX: InterfaceID
	LeafVersion   = 0x40000002 // EAX: PackVersion; EBX: build id; ECX: restart generation; EDX: reset count
	LeafRights    = 0x40000003 // EAX: Rights of the calling partition; EBX: hypercall port, 0 if it may not use one; EDX: Version of the interface
	LeafTiming    = 0x40000010 // EAX: TSC kHz; EBX: local APIC timer kHz
	LeafKVM       = 0x40000100 // EAX: highest of the block; EBX, ECX, EDX: KVM's signature
	LeafKVMFeat   = 0x40000101 // EAX: KVM features, EDX: KVM hints
)

// Signature names the hypervisor at LeafMax, as EBX, ECX, EDX: "PerdurePerdr".
const (
	SignatureB = 'P' | 'e'<<8 | 'r'<<16 | 'd'<<24
	SignatureC = 'u' | 'r'<<8 | 'e'<<16 | 'P'<<24
	SignatureD = 'e' | 'r'<<8 | 'd'<<16 | 'r'<<24
)

// InterfaceID is EAX of LeafInterface, "Prd1". It is not "Hv#1", so Linux does
// not look for Hyper-V's enlightenments.
const InterfaceID = 'P' | 'r'<<8 | 'd'<<16 | '1'<<24

// The KVM block has a signature and one harmless feature. Linux then uses the
// x2APIC without interrupt remapping; nothing of KVM's that lives in guest memory
// is offered.
const (
	KVMSignatureB      = 'K' | 'V'<<8 | 'M'<<16 | 'K'<<24
	KVMSignatureC      = 'V' | 'M'<<8 | 'K'<<16 | 'V'<<24
	KVMSignatureD      = 'M'
	KVMFeatNopIODelay  = 1 << 1 // no delay is needed after a port access
	KVMFeaturesOffered = KVMFeatNopIODelay
)

// Rights of a partition, EAX of LeafRights.
const (
	RightDiscover = 1 << 0 // CallNull, CallVersion
	RightConsole  = 1 << 1 // CallConsole
	RightObserve  = 1 << 2 // every call that reads
	RightManage   = 1 << 3 // every call that changes something
	RightDevices  = 1 << 4 // the machine's own devices are passed through
)

// PackVersion makes EAX of LeafVersion.
func PackVersion(major, minor, patch uint8) uint32 {
	return uint32(major)<<16 | uint32(minor)<<8 | uint32(patch)
}

// UnpackVersion is the way back.
func UnpackVersion(v uint32) (major, minor, patch uint8) {
	return uint8(v >> 16), uint8(v >> 8), uint8(v)
}

// Release is the version of this source, as LeafVersion packs it.
const Release = 0<<16 | 1<<8 | 0
