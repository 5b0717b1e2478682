package partition

import (
	"perdure/boot"
	"perdure/boot/acpi"
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/partition/net"
	"perdure/vmx"
)

// Open finds the kept tables, or makes them, and keeps the console in them.
func Open() error {
	if err := openTables(); err != nil {
		return err
	}
	console.Adopt(tab.Console, false)
	return nil
}

// openTables finds the kept tables, or makes them.
func openTables() error {
	host, err := kept.Table[Host](kept.KindHost, 1)
	if err != nil {
		return err
	}
	parts, err := kept.Table[Partition](kept.KindPartitions, MaxPartitions)
	if err != nil {
		return err
	}
	vps, err := kept.Table[VP](kept.KindVPs, MaxVPs)
	if err != nil {
		return err
	}
	cpus, err := kept.Table[CPU](kept.KindCPUs, MaxCPUs)
	if err != nil {
		return err
	}
	areas, err := kept.Table[x86.XArea](kept.KindExtended, MaxVPs)
	if err != nil {
		return err
	}
	con, err := kept.Table[console.State](kept.KindConsole, 1)
	if err != nil {
		return err
	}
	network, err := kept.Table[net.Switch](kept.KindSwitch, 1)
	if err != nil {
		return err
	}
	tab = tables{
		Console: &con[0], Switch: &network[0],
		Host: &host[0], Partitions: (*[MaxPartitions]Partition)(parts), VPs: (*[MaxVPs]VP)(vps),
		CPUs: (*[MaxCPUs]CPU)(cpus), Areas: (*[MaxVPs]x86.XArea)(areas),
	}
	if err := openVariant(); err != nil {
		return err
	}
	connectNets()
	whileWaiting()
	console.OnList, console.OnCounters = listAll, countAll
	return nil
}

// Begin fills the kept records of a machine that has just been started, and
// orders root to be built.
func Begin(info *boot.Info, m *acpi.Machine) {
	h := tab.Host
	o := &info.Options
	h.CPUs, h.TSCHz, h.Start = uint64(kernel.CPUs()), kernel.TSCHz(), kernel.Boot().Began
	h.TSCRatio = h.TSCHz>>32 + 1
	h.TickLen, h.SliceLen = h.TSCHz/10, o.Slice.Ticks
	if h.SliceLen == 0 {
		h.SliceLen = h.TSCHz / 1000000 * o.Slice.Micros
	}
	h.WatchLen = h.TSCHz / 1000 * o.Watchdog / looks
	h.EarlyMax = h.TSCHz / 16384
	h.Tick, h.Instance = x86.RDTSC()+h.TickLen, 1
	h.setClock()
	h.consoleLine(m)
	h.beatLine(m)
	h.powerPorts(m)
	h.machine()
	tab.Switch.Patience, tab.Switch.Age = h.TSCHz/5, h.TSCHz*300
	for i := range h.CPUs {
		c := &tab.CPUs[i]
		c.Index, c.APICID, c.Armed, c.Slice, c.Others = i, uint64(kernel.CPUAt(int(i)).APICID()), never, never, never
	}
	h.describe(info, m)
	h.inject(info)
	h.Key = o.Key
	h.provide(info)
	h.order(info)
	h.APIC, h.Line = apic.Present(), console.Present()
	h.seal()
}

// consoleLine routes the interrupt of the console's UART to the first processor.
func (h *Host) consoleLine(m *acpi.Machine) {
	h.ConsoleGSI = never
	const comLine = 4 // of COM1, on every PC
	gsi, flags := m.Line(comLine)
	if gsi >= MaxLines {
		return
	}
	low, level := flags&3 == 3, flags>>2&3 == 3 // ACPI, "MPS INTI Flags"
	if apic.Route(gsi, uint8(kernel.VectorLine+gsi), kernel.CPUAt(0).APICID(), level, low, false) {
		h.ConsoleGSI = uint64(gsi)
		console.UseInterrupts()
	}
}

// machine reads what partitions are told about the processor.
func (h *Host) machine() {
	a, _, _, d := x86.CPUID(0xd, 0)
	const offered = 1<<0 | 1<<1 | 1<<2 | 7<<5 | 1<<9 // x87, SSE, AVX, AVX-512, PKRU
	h.XCR0 = (uint64(d)<<32 | uint64(a)) & offered
	h.CR4Allowed = vmx.Caps.CR4Fixed1 &^ vmx.CR4Mask
	h.MiscEnable, _ = x86.RDMSRSafe(x86.MSRMiscEnable)
	h.MiscEnable &^= 1<<18 | 1<<7 // no MONITOR, no performance counters
	h.Microcode, _ = x86.RDMSRSafe(x86.MSRMicrocodeRevision)
	h.PlatformID, _ = x86.RDMSRSafe(x86.MSRPlatformID)
}

// order notes what root is built from.
func (h *Host) order(info *boot.Info) {
	b, m := &h.Boot, mm.Map(info.Map) // root sees what is ours as reserved
	*b = BootOrder{
		Kernel: uint64(info.Kernel.Start), KernelSize: info.Kernel.Size,
		Initrd: uint64(info.Initrd.Start), InitrdSize: info.Initrd.Size,
		Limit: uint64(m.Limit(info.RootMemory())), VPs: info.Options.RootVPs,
	}
	if b.VPs > h.CPUs {
		console.Say(console.Warn).Str("root_vps: there are only ").Dec(h.CPUs).Str(" processors; root gets as many").End()
	}
	if b.VPs == 0 || b.VPs > h.CPUs {
		b.VPs = h.CPUs
	}
	copy(b.RSDP[:], info.RSDP)
	b.CmdlineLen = uint64(copy(b.Cmdline[:], info.RootCommandLine()))
	b.Regions = uint64(copy(b.Map[:], m))
	kept.Seal(b, kept.KindHost)
	h.Work |= WorkBoot
}

// describe fills the part of the info record that does not change.
func (h *Host) describe(info *boot.Info, m *acpi.Machine) {
	r := &h.Info
	r.Header = abi.HeaderOf(r)
	h.present()
	for i := uint32(0); i < 3; i++ {
		a, b, c, d := x86.CPUID(0x80000002+i, 0)
		for j, w := range [4]uint32{a, b, c, d} {
			for k := range 4 {
				r.CPUName[int(i)*16+j*4+k] = byte(w >> (8 * k))
			}
		}
	}
	r.CPUsPresent = uint32(len(m.Enabled()))
	r.TSCHz, r.APICHz = h.TSCHz, h.TSCHz
	r.VMXBasic, r.EPTVPIDCap = vmx.Caps.Basic, vmx.Caps.EPTVPID
	if apic.X2() {
		r.Flags |= abi.InfoX2APIC
	}
	if info.EFI {
		r.Flags |= abi.InfoUEFI
	}
	r.LogSize = console.LogSize
	r.Mem.Total = info.Map.RAM(info.Map.Top())
	describeMemory(&r.Mem)
}
