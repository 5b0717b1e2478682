//go:build metal

package kernel

import (
	"perdure/boot"
	"perdure/kernel/apic"
	"perdure/kernel/fail"
	"perdure/kernel/pages"
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// firstStackSize is the stack of the runtime's first thread; the runtime
// assumes 64 KiB.
const firstStackSize = 80 << 10

// What the runtime is started with. They are volatile memory like all of it.
var (
	firstStack [firstStackSize]byte
	firstTLS   [16]uint64
	argument   = [...]byte{'h', 'v', 0}
	random     [2]uint64
)

// Environment of the runtime: one processor until the others are started; no
// memory given back, since nobody would get it; and no instruction beyond SSE2,
// so that a VP's vector state can stay in the registers.
const (
	goMaxProcs = "GOMAXPROCS=1\x00"
	goDebug    = "GODEBUG=madvdontneed=0,cpu.avx=off,cpu.avx2=off,cpu.avx512f=off,cpu.avx512bw=off,cpu.avx512vl=off,cpu.fma=off,cpu.erms=on,gcshrinkstackoff=1\x00"
)

// start is the first Go function of an instance. It runs before the runtime,
// on the first stack, and returns the stack pointer that the runtime starts with.
//
//go:nosplit
func start(v uint64) (sp uint64) {
	m := &early
	m.page = boot.PageAt(addr.HVA(v))
	if !m.page.Valid() {
		die("the boot page is not one that this version understands")
	}
	m.space = pages.Space{Window: addr.DirectBase, Root: m.page.Tables, Next: m.page.Free, End: m.page.Home + addr.HPA(m.page.HomeSize)}
	if m.page.Flags&boot.FlagClear != 0 {
		m.space.Clear = 1
	}
	m.pcid = max(m.page.PCID, 1)
	m.cpus = 1
	mapFixed(m)
	*mach() = *m
	m = mach()
	fail.At(epitaph())
	fail.OnFailure = failed
	writeIDT()
	fillArea(0, 0)
	loadCPU(0)
	if !m.page.Candidate() {
		maskPIC()
	}
	apic.Start(VectorTimer)
	This().apicID = uint64(apic.ID())
	hasINVPCID = x86.Has(x86.FeatureINVPCID)
	calibrate(m)
	return personalityStart()
}

// mapFixed maps the fixed region's common pages and the first processor's area,
// and takes execution from the direct map.
//
//go:nosplit
func mapFixed(m *machine) {
	s := &m.space
	ok := true
	for i := addr.HVA(0); i < twinPages; i++ {
		ok = ok && s.MapNew(twinsAt+i*addr.PageSize, pages.RW)
	}
	ok = ok && s.MapNew(idtAt, pages.RW) && s.MapNew(machineAt, pages.RW) && s.MapNew(failAt, pages.RW) && s.MapNew(keepAt, pages.RW) && mapSeat(s) && mapArea(s, 0)
	if !ok {
		die("the home is full before Go has begun")
	}
	s.Restrict(addr.DirectBase, pages.NX)
	reload(uint64(s.Root))
}

// personalityStart connects the personality with the machine and makes the
// present state its first thread.
//
//go:nosplit
func personalityStart() uint64 {
	personality.Processor = processor
	personality.Now = nanotime
	personality.SetFS = setFS
	personality.Relax = relax
	personality.Notify = notify
	personality.Print = print
	personality.Exit = exit
	personality.Back = back
	personality.Clear = clearPage
	personality.Private = answer
	personality.HeapStart = uint64(addr.HeapBase)
	personality.HeapEnd = uint64(addr.HeapBase) + HeapSize
	personality.First(addressOf(&firstTLS) + 64)
	random[0], random[1] = x86.RDTSC(), x86.RDTSC()*0x9e3779b97f4a7c15
	top := addressOf(&firstStack) + firstStackSize
	return personality.Arguments(top, addressOf(&argument), [2]uint64{stringAt(goMaxProcs), stringAt(goDebug)}, addressOf(&random))
}

// maskPIC silences the pair of 8259: interrupts come through the I/O APICs.
//
//go:nosplit
func maskPIC() {
	x86.OUT8(0x21, 0xff)
	x86.OUT8(0xa1, 0xff)
}
