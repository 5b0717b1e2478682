package main

import (
	"errors"

	"perdure/boot"
	"perdure/boot/acpi"
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
)

// Where messages go before the options are read.
const (
	com1 = 0x3f8
	baud = 115200
)

var errHome = errors.New("the home is too small for the tables that map this machine's memory")

// check stops the machine if err is an error: one line that says what is
// missing and what to do.
func check(err error) {
	if err == nil {
		return
	}
	console.Say(console.Err).Str(err.Error()).End()
	console.Say(console.Err).Str("halted").End()
	console.Flush()
	x86.Stop()
}

// warn logs each of lines.
func warn(lines []string) {
	for _, l := range lines {
		console.Say(console.Warn).Str(l).End()
	}
}

// greet says what has started, and what its clock is.
func greet() {
	p := kernel.Boot()
	console.Say(console.Info).Str("Perdure, home ").Hex(uint64(p.Home)).Str(" + ").Dec(p.HomeSize >> 20).Str(" MiB, TSC ").Dec(kernel.TSCHz() / 1000).Str(" kHz").End()
	if claim := kernel.ClockWarning(); claim != 0 {
		console.Say(console.Warn).Str("CPUID announces a TSC of ").Dec(claim / 1000).Str(" kHz, the 8254 measures ").Dec(kernel.TSCHz() / 1000).Str(" kHz; the measure is used").End()
	}
}

// options applies what was asked for, and says what was not understood.
func options(info *boot.Info) {
	o := &info.Options
	console.SetLevel(console.Level(o.LogLevel) + console.Err - console.Level(boot.LogError))
	if o.Console.Port != com1 || o.Console.Baud != baud {
		console.Start(o.Console.Port, uint32(o.Console.Baud))
	}
	warn(info.Warnings)
}

// rootPointer returns ACPI's root pointer, from the loader or from where a BIOS has it.
func rootPointer(info *boot.Info) []byte {
	if info.RSDP != nil {
		return info.RSDP
	}
	return acpi.Find(physical)
}

// chips lists the machine's I/O APICs.
func chips(m *acpi.Machine) (list []apic.Chip) {
	for _, c := range m.IOAPICs {
		list = append(list, apic.Chip{Addr: addr.HPA(c.Addr), GSI: c.GSIBase})
	}
	return list
}

// others lists the processors to start beside this one, as many as cpus= allows.
func others(m *acpi.Machine, info *boot.Info) (ids []uint32) {
	most := info.Options.CPUs
	if most == 0 || most > kernel.MaxCPUs {
		most = kernel.MaxCPUs
	}
	for _, id := range m.Enabled() {
		if id != kernel.This().APICID() && uint64(len(ids))+1 < most {
			ids = append(ids, id)
		}
	}
	return ids
}

// layout is what mm is told of the machine's memory.
func layout(info *boot.Info) mm.Layout {
	p := kernel.Boot()
	l := mm.Layout{
		Map:    info.Map,
		Home:   boot.Region{Start: p.Home, Size: p.HomeSize},
		Loaded: []boot.Region{{Start: p.File, Size: p.FileSize}},
	}
	for _, m := range info.Modules {
		l.Loaded = append(l.Loaded, boot.Region{Start: m.Start, Size: m.Size})
	}
	return l
}
