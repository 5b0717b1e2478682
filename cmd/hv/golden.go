package main

import (
	"perdure/boot"
	"perdure/boot/acpi"
	"perdure/kernel"
	"perdure/kernel/golden"
	"perdure/partition"
)

// goldenRounds is how often selftest=golden throws the volatile state away.
const goldenRounds = 100

// selftestGolden orders the self-test of the golden image, if that was asked for.
func selftestGolden(info *boot.Info, m *acpi.Machine) {
	if info.Options.Selftest == boot.SelftestGolden {
		gsi, _ := m.Line(0) // the PIT
		golden.Begin(goldenRounds, gsi)
	}
}

// dispatch is a processor's dispatcher, whose empty loop is where a reset
// comes back to.
func dispatch() {
	golden.Run(kernel.Golden())
	partition.Dispatch()
}
