package partition

import (
	"errors"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/vmx"
)

// A candidate is an instance that runs in a service partition of another one and
// waits to be given the machine. It sees the kept state of the running instance
// in place, and can change nothing of it.

// Attach finds the kept tables of the instance that runs below.
func Attach() error {
	if err := openTables(); err != nil {
		return err
	}
	return vmx.Learn()
}

// Assume makes this an instance that has the machine: what it would find out of
// the console and the interrupt controllers is kept. It comes last before Golden.
func Assume() {
	if kernel.Last(); kernel.This().Index() != 0 {
		return
	}
	apic.Assume(&tab.Host.APIC)
	console.Assume(tab.Console, &tab.Host.Line)
}

// Stage tells the instance below that so much of the start is done.
func Stage(n, of uint64) { service(abi.ServiceStage, n<<32|of, 0) }

// OnStand shows the instance below what the records say that were made for this
// one; whoever knows them sets it.
var OnStand = func() error { return nil }

// Stand is what a sealed candidate's first processor does: it looks at the
// records that it would go on with and says where it may be entered. It does not
// return; nor do the others, who wait.
func Stand() {
	for kernel.This().Index() != 0 {
		kernel.Idle(0)
		kernel.Yield()
	}
	if err := rehearse(); err != nil {
		Decline(err)
	}
	if err := OnStand(); err != nil {
		Decline(err)
	}
	ids := make([]uint32, tab.Host.CPUs)
	for i := range ids {
		ids[i] = uint32(tab.CPUs[i].APICID)
	}
	for !kernel.Repair() {
	}
	kernel.SetAPICIDs(ids)
	if back := kernel.Boot().Back; back != 0 {
		kernel.Backed(back)
	} else {
		kernel.Recovers()
	}
	at := kernel.MakeSeat(vmx.ExitPC())
	kernel.TakeSeat()
	service(abi.ServiceSeat, uint64(at), 0)
	x86.Stop()
}

// Decline says why this candidate will not do, and ends.
func Decline(why error) {
	const most = 7 // characters in a call
	for text := why.Error(); text != ""; text = text[min(len(text), most):] {
		w := uint64(0)
		for i := range min(len(text), most) {
			w |= uint64(text[i]) << (8 * i)
		}
		service(abi.ServiceRefuse, w, 0)
	}
	service(abi.ServiceRefuse, 0, 0)
	x86.Stop()
}

//go:nosplit
func service(op abi.ServiceOp, a, b uint64) uint64 {
	return x86.VMCALL(abi.Word(abi.CallService), uint64(op), a, b)
}

var errRecords = errors.New("the records of kept state are not as this version has them")

// relooks is how often a candidate looks again, a hundredth of a second later, at
// records that are not as they should be: the running instance may be changing them.
const relooks = 10

// rehearse looks at all records, as their next owner will.
func rehearse() error {
	for n := 0; looksWrong(); n++ {
		if n == relooks {
			return errRecords
		}
		for until := x86.RDTSC() + tab.Host.TSCHz/100; x86.RDTSC() < until; {
			x86.PAUSE()
		}
	}
	return nil
}

// looksWrong reports whether a record is not as it should be at this moment.
func looksWrong() bool {
	r := kept.Check()
	checkIdentities(&r)
	for i := range tab.VPs {
		v := &tab.VPs[i]
		r.Note(v.Part < MaxPartitions && v.CPU < MaxCPUs && v.Holder <= MaxCPUs && v.State <= VPStopped, uint64(i))
	}
	for i := range tab.CPUs {
		c := &tab.CPUs[i]
		r.Note(c.Active <= MaxVPs && c.Online <= 2, uint64(i))
	}
	return r.Wrong != 0
}
