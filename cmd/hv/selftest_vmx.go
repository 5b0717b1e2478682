package main

import (
	"perdure/boot"
	"perdure/kernel/console"
	"perdure/mm/kept"
	"perdure/partition"
	"perdure/vmx/selftest"
)

// selftestVMX tries the way into a guest and back on this processor, if that was
// asked for.
func selftestVMX(info *boot.Info) {
	if info.Options.Selftest != boot.SelftestVMX {
		return
	}
	const owner kept.Owner = 0x7fff // nobody's
	at, err := kept.Pages(owner, selftest.Pages)
	check(err)
	check(partition.CanRun()) // since main began it may have come to another processor
	if selftest.Run(at) {
		console.Say(console.Info).Str("selftest vmx: PASS").End()
	} else {
		console.Say(console.Err).Str("selftest vmx: FAIL").End()
	}
	kept.FreeOwner(owner)
}
