package boot

import "perdure/mm/addr"

// PageMagic and PageVersion begin every boot page that this build understands.
const (
	PageMagic   = 0x45525544524550 // "PERDURE"
	PageVersion = 1
)

// CandidateMagic in EAX says that EBX points to a boot page and not to a
// loader's information: a hypervisor prepared this entry.
const CandidateMagic = 0x55445250 // "PRDU"

// Flags of a boot page.
const (
	FlagCandidate = 1 << iota // a hypervisor runs below; devices and processors are its
	FlagClear                 // the home held zeros, but for this page
)

// Page is what head.S hands to the first line of Go, and what a running
// hypervisor hands to head.S of the next one: the first page of the home, laid
// out for good. head.S knows the offsets; a test compares them.
type Page struct {
	Size     uint32 // of this page
	Scratch  uint32 // head.S finds out where it runs with this word
	Magic    uint64
	Version  uint32
	Flags    uint32
	Home     addr.HPA // the home, 2 MiB-aligned
	HomeSize uint64

	// Filled in by head.S.
	Free           addr.HPA // first unused byte of the home
	Tables         addr.HPA // the PML4
	Image          addr.HPA // what addr.ImageBase is mapped to
	ImageSize      uint64
	Entry          addr.HVA
	Direct         uint64   // bytes of physical memory that the direct map has
	ELF            addr.HPA // the Go program in the loaded file
	ELFSize        uint64
	File           addr.HPA // the loaded file, head.S included
	FileSize       uint64
	Trampoline     addr.HPA // code that starts another processor
	TrampolineSize uint64
	Began          uint64 // TSC at the first instruction

	// From the loader, or from the hypervisor that prepared the entry.
	LoaderMagic uint64
	LoaderInfo  addr.HPA

	// From the hypervisor that prepared the entry; 0 after a cold boot.
	TSCHz      uint64
	Kept       addr.HPA // root page of kept state
	PCID       uint64   // of this home's translations; 0 means 1
	Generation uint64   // hot restarts before this instance
	CPUs       uint64   // processors to start
	Top        addr.HPA // end of the machine's memory
	Back       addr.HPA // seat of the instance that a failure leads back to, 0: none

	Start uint64 // offset in the loaded file at which head.S is entered; it fills that in

	_ [addr.PageSize - 0xe0]byte
}

// Candidate reports whether a hypervisor runs below this instance.
//
//go:nosplit
func (p *Page) Candidate() bool { return p.Flags&FlagCandidate != 0 }

// Valid reports whether this build understands p.
//
//go:nosplit
func (p *Page) Valid() bool {
	return p.Magic == PageMagic && p.Version == PageVersion && p.Size == addr.PageSize
}
