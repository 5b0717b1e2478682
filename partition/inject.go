package partition

import (
	"perdure/boot"
	"perdure/kernel/console"
)

// Inject is a fault of ours to be made: a kept record.
type Inject struct {
	boot.Inject
	Seen uint64 // exits with its reason so far
	Made uint64 // faults made
}

// inject notes which faults are to be made.
func (h *Host) inject(info *boot.Info) {
	for i := range h.Inject {
		h.Inject[i] = Inject{Inject: info.Options.Inject[i]}
	}
	if h.Inject[0].Fault != boot.NoFault && !injects {
		console.Say(console.Warn).Str("inject: this image cannot make faults; build/perdure-inject.img can").End()
	}
}
