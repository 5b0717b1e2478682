package system

import (
	"context"
	"testing"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/probe"
)

// atMost is what exits may cost, in instructions: what they cost KVM in the same
// emulator with all that it can answer in the kernel, and timers set early. They
// are bounds, not aims; docs/performance.md has the figures.
var atMost = map[string]float64{
	"exit.cpuid":          988,
	"exit.rdmsr":          1098,
	"exit.out":            1236,
	"exit.hypercall":      974,
	"exit.ept_mmio":       3352,
	"exit.ept_mmio_write": 3352,
	"exit.deadline":       1169,
	"exit.eoi":            1184,
	"irq.inject":          4128,
	"irq.timer":           223,
	"hlt.wakeup":          337,
}

// The probe guest measures what exits cost; its figures do not depend on the
// host.
func TestExitsCostLessThanKVM(t *testing.T) {
	guest, err := probe.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := boot(t, rig.Options{Config: emu.Config{Kind: emu.Bochs}, Kernel: guest})
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	results, err := probe.Read(ctx, m.Run)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, r := range results {
		t.Logf("%-20s %8.2f, of %d", r.Name, r.Value, r.Samples)
		if limit, ok := atMost[r.Name]; ok {
			seen++
			if r.Value > limit {
				t.Errorf("%s takes %.0f instructions, KVM %.0f", r.Name, r.Value, limit)
			}
		}
	}
	if seen != len(atMost) {
		t.Errorf("the probe answered %d of %d questions", seen, len(atMost))
	}
}
