package main

import (
	"runtime"

	"perdure/boot"
	"perdure/hhr"
	"perdure/hhr/mirror"
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/partition"
)

// candidate is main for an instance that another one has started in a service
// partition: it finds everything in kept state, and waits to be given the machine.
func candidate(p *boot.Page) {
	const stages = 5
	misbehave("boot")
	if !kernel.MapMemory(p.Top) {
		accept(errHome)
	}
	accept(mirror.Declare(p.Kept))
	accept(mm.Attach(p.Kept))
	partition.Stage(1, stages)
	accept(partition.Attach())
	partition.Stage(2, stages)
	misbehave("attached")
	ids := make([]uint32, p.CPUs-1)
	for i := range ids {
		ids[i] = uint32(i) + 1 // as the service partition numbers them
	}
	accept(kernel.StartAPs(ids))
	runtime.GOMAXPROCS(kernel.CPUs())
	partition.Stage(3, stages)
	hhr.Start()
	mirror.Listen()
	settle()
	partition.Stage(4, stages)
	misbehave("started")
	go partition.Control()
	for range kernel.CPUs() {
		go dispatch()
	}
	select {}
}

// accept is check for a candidate: it tells the instance below what is wrong.
func accept(err error) {
	if err == nil {
		return
	}
	console.Say(console.Err).Str(err.Error()).End()
	partition.Decline(err)
}
