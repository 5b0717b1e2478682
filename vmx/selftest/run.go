package selftest

import (
	"perdure/kernel/console"
	"perdure/mm/addr"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// checks are what Run does, in this order.
var checks = [...]struct {
	name string
	do   func(m *machine) string // what is wrong, "" if nothing
}{
	{"round trips", roundTrips},
	{"registers of a 64-bit guest", registers},
	{"change of MSRs", handOver},
	{"32-bit start", flat},
	{"timer ends a run", timer},
	{"interrupt ends a run", interrupt},
	{"NMIs end a run, again and again", nmis},
	{"triple fault", triple},
	{"bad guest state is told", badState},
	{"bad controls are told", badControls},
	{"no field was refused", refused},
}

// Run tries VT-x on the running processor, which vmx.Start made ready, in Pages
// pages at base, and logs one line for each check. It reports whether all went well.
func Run(base addr.HPA) bool {
	all := true
	for _, c := range &checks {
		m := &machine{base: base}
		if wrong := c.do(m); wrong != "" {
			all = false
			console.Say(console.Err).Str("selftest vmx: ").Str(c.name).Str(": FAILED: ").Str(wrong).End()
			report(m)
		} else {
			console.Say(console.Info).Str("selftest vmx: ").Str(c.name).Str(": ok").End()
		}
		if m.Context != nil {
			m.drop()
		}
	}
	return all
}

// report logs the fields of a virtual processor that did not do as it should.
func report(m *machine) {
	if m.Context == nil || vmx.Current() != m.page(pageVMCS) {
		return
	}
	for i := range vmcs.Report {
		f := &vmcs.Report[i]
		if v := f.Read(); v != 0 {
			console.Say(console.Err).Str("  ").Str(f.Name).Str(" ").Hex(v).End()
		}
	}
}

// figure logs what one thing costs.
func figure(name string, n uint64) {
	console.Say(console.Info).Str("selftest vmx: ").Str(name).Str(": ").Dec(n).Str(" TSC ticks").End()
}
