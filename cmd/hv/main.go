// Command hv is the hypervisor: the program that head.S starts.
//
// The one idea: this is the one place that knows every package, and it reads
// like the way from the loader to root.
package main

import (
	"runtime"

	"perdure/boot"
	"perdure/boot/acpi"
	"perdure/hhr"
	"perdure/hhr/mirror"
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/partition"
)

// main is the walk from the first line of Go to the first entry of root.
func main() {
	console.Start(com1, baud)
	console.SetClock(kernel.TSCHz(), kernel.Boot().Began)
	greet()
	if p := kernel.Boot(); p.Candidate() {
		candidate(p)
	}
	info, err := boot.Parse(loaderInfo())
	check(err)
	options(info)
	if !kernel.MapMemory(info.Map.Top()) {
		check(errHome)
	}
	machine, err := acpi.Parse(rootPointer(info), physical)
	check(err)
	warn(machine.Warnings)
	check(mm.Start(layout(info)))
	check(partition.Open())
	check(partition.CanRun())
	apic.StartLines(chips(machine))
	check(kernel.StartAPs(others(machine, info)))
	runtime.GOMAXPROCS(kernel.CPUs())
	console.Say(console.Info).Dec(uint64(kernel.CPUs())).Str(" processors run Go").End()
	hhr.Start()
	mirror.Listen()
	settle()
	selftestVMX(info)
	selftestGolden(info, machine)
	partition.Begin(info, machine)
	go partition.Control()
	for range kernel.CPUs() {
		go dispatch()
	}
	select {}
}
