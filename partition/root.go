package partition

import (
	"perdure/boot"
	"perdure/boot/acpi"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/partition/linux"
)

// BootOrder is what root is built from, as the loader left it: a kept record.
type BootOrder struct {
	kept.Header
	Kernel, KernelSize uint64 // HPA, bytes
	Initrd, InitrdSize uint64
	Limit              uint64 // HPA below which root's memory lies
	VPs                uint64
	HasRSDP            uint64
	RSDP               [64]byte
	CmdlineLen         uint64
	Cmdline            [2048]byte
	Regions            uint64
	Map                [128]boot.Region
}

// The windows of root's interrupt controllers. SDM Vol. 3A, "Local APIC Status
// and Location".
const (
	lapicWindow  = 0xfee00000
	ioapicWindow = 0xfec00000
)

// bootRoot builds the root partition as the boot order says and lets it run.
func bootRoot() {
	if err := buildRoot(&tab.Host.Boot); err != nil {
		console.Errs("root partition: " + err.Error())
		console.Errs("halted") // there is nothing to run
		tab.Partitions[0].State = Stopped
		return
	}
	console.Say(console.Info).Str("root partition starts: ").Dec(tab.Partitions[0].VPs).Str(" processors, ").
		Dec(tab.Partitions[0].Memory >> 20).Str(" MiB").End()
	p := &tab.Partitions[0]
	if err := mm.ReleaseAll(mm.Loader); err != nil { // the files above root's memory have been copied
		console.Warns("memory of the loader: " + err.Error())
	}
	p.State = Running
	tab.Host.RootTSC = x86.RDTSC()
	p.VP(0).State = VPRun
	p.VP(0).raise(EvStart)
}

// physical returns n bytes of physical memory in the direct map.
func physical(at uint64, n int) []byte { return mm.Bytes(addr.HPA(at), uint64(n)) }

// buildRoot fills partition 0.
func buildRoot(o *BootOrder) error {
	p := &tab.Partitions[0]
	*p = Partition{State: Creating, Kind: Root, VPs: o.VPs, Created: x86.RDTSC(), Weight: abi.RootWeight}
	copy(p.Name[:], "root")
	machine, err := acpi.Parse(o.RSDP[:], physical)
	if err != nil {
		return err
	}
	var chips []acpi.IOAPIC
	if len(machine.IOAPICs) > 0 {
		c := machine.IOAPICs[0]
		chips = []acpi.IOAPIC{{ID: c.ID, Addr: ioapicWindow, GSIBase: c.GSIBase}}
		p.IOAPIC.Reset(uint64(c.ID), uint64(apic.Pins(c.GSIBase))+abi.NumSlots, uint64(c.GSIBase))
		p.DeviceGSI = p.IOAPIC.GSI + p.IOAPIC.Pins - abi.NumSlots // pins that the machine has not
	}
	if err := p.rootDevices(); err != nil {
		return err
	}
	if err := p.mapRoot(o); err != nil {
		return err
	}
	if err := p.rootBitmaps(); err != nil {
		return err
	}
	p.Serial.Reset()
	p.PIC.Reset()
	gsi, _ := machine.Line(4)
	p.SerialGSI = uint64(gsi)
	for i := range p.Lines {
		if uint64(i) >= p.IOAPIC.GSI && uint64(i) < p.DeviceGSI && uint64(i) != tab.Host.ConsoleGSI && uint64(i) != tab.Host.NMILine-1 {
			p.Lines[i].Owned = 1
			p.IOAPIC.Back(uint64(i) - p.IOAPIC.GSI)
		}
	}
	ids := make([]uint32, o.VPs)
	for i := range ids {
		ids[i] = uint32(i)
	}
	at := addr.HPA(o.Limit - tablesSize)
	entry, err := p.loadRoot(o, at)
	if err != nil {
		return err
	}
	tables := mm.Bytes(at, tablesSize)
	clear(tables)
	r := acpi.Root{APICIDs: ids, IOAPICs: chips, PCAT: true, NoMSI: true, Virtio: p.listed()}
	if tab.Host.NMILine != 0 {
		r.Hide = []string{"HPET"}
	}
	_, _, err = machine.Rewrite(tables, uint64(at), r)
	if err != nil {
		return err
	}
	if err := p.newVPs(); err != nil {
		return err
	}
	p.VP(0).Entry = *entry
	p.rootTimer()
	p.seal()
	return nil
}

// tablesSize is the room for root's own ACPI tables, taken from the top of its
// memory.
const tablesSize = 64 << 10

// loadRoot puts the kernel and the initramfs into root's memory, of which the
// tables will take the end. The root pointer will be the first of them.
func (p *Partition) loadRoot(o *BootOrder, tables addr.HPA) (*Entry, error) {
	machine := mm.Map(boot.Map(o.Map[:o.Regions]))
	memory := linux.RootMemory(machine, addr.HPA(o.Limit), o.spare(), boot.Region{Start: tables, Size: tablesSize, Kind: boot.ACPI})
	q := linux.Request{
		Kernel: mm.Bytes(addr.HPA(o.Kernel), o.KernelSize), KernelAt: addr.GPA(o.Kernel),
		Memory: memory, Cmdline: string(o.Cmdline[:o.CmdlineLen]), RSDP: addr.GPA(tables),
	}
	if o.InitrdSize != 0 {
		q.Initrd, q.InitrdAt = mm.Bytes(addr.HPA(o.Initrd), o.InitrdSize), addr.GPA(o.Initrd)
	}
	plan, err := linux.MakePlan(q)
	if err != nil {
		return nil, err
	}
	err = plan.Apply(q, func(at addr.GPA, n uint64) []byte {
		if uint64(at) >= o.Limit {
			return nil
		}
		return mm.Bytes(addr.HPA(at), min(n, o.Limit-uint64(at)))
	})
	e := &plan.Entry
	return &Entry{
		RIP: uint64(e.RIP), RSI: uint64(e.RSI), RSP: uint64(e.RSP), CR3: uint64(e.CR3), GDT: uint64(e.GDT),
		GDTLimit: uint64(e.GDTLimit), CS: uint64(e.CS), DS: uint64(e.DS),
	}, err
}
