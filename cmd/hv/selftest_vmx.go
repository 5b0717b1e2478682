package main

import (
	"perdure/boot"
	"perdure/kernel/console"
	"perdure/mm/kept"
	"perdure/vmx/selftest"
)

// selftestVMX tries the way into a guest and back on this processor, whose VT-x
// is on, if that was asked for.
func selftestVMX(info *boot.Info) {
	if info.Options.Selftest != boot.SelftestVMX {
		return
	}
	const owner kept.Owner = 0x7fff // nobody's
	at, err := kept.Pages(owner, selftest.Pages)
	check(err)
	if selftest.Run(at) {
		console.Say(console.Info).Str("selftest vmx: PASS").End()
	} else {
		console.Say(console.Err).Str("selftest vmx: FAIL").End()
	}
	kept.FreeOwner(owner)
}
