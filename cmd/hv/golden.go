package main

import (
	"runtime"
	"runtime/debug"

	"perdure/boot"
	"perdure/boot/acpi"
	"perdure/kernel"
	"perdure/kernel/golden"
	"perdure/microreset"
	"perdure/partition"
)

// goldenRounds is how often selftest=golden throws the volatile state away.
const goldenRounds = 100

// maxStack is what a goroutine's stack may grow to.
const maxStack = 256 << 10

// settle fixes what the runtime may use. It collects when control goroutines
// find the time, or when three quarters of the heap are full.
func settle() {
	debug.SetGCPercent(-1)
	debug.SetMaxStack(maxStack)
	golden.Warm()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(int64(m.Sys - m.HeapSys + kernel.HeapSize/4*3))
}

// selftestGolden orders the self-test of the golden image, if that was asked for.
func selftestGolden(info *boot.Info, m *acpi.Machine) {
	if info.Options.Selftest == boot.SelftestGolden {
		gsi, _ := m.Line(0) // the PIT
		golden.Begin(goldenRounds, gsi)
	}
}

// dispatch is a processor's dispatcher, whose empty loop is where a reset
// comes back to, and where another instance enters this one.
func dispatch() {
	partition.Prepare()
	runtime.Gosched() // who has something left to do does it now, not after each arrival
	if kernel.Boot().Candidate() {
		partition.Assume()
	}
	again := kernel.Golden()
	switch how := kernel.Arrived(); {
	case how != kernel.CameReset:
		misbehave("arrived")
		microreset.Resume(partition.Arrived(how))
	case !again && kernel.Boot().Candidate():
		misbehave("sealed")
		partition.Stand()
	default:
		golden.Run(again)
		microreset.Resume(again)
	}
	partition.Dispatch()
}
