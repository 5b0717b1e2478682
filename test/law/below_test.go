package law

import (
	"strings"
	"testing"

	"perdure/test/law/quiet"
)

// below is the law of what stands below the Go runtime: it answers the runtime's
// system calls, takes its faults and brings it back from the golden image, on
// stacks of its own that cannot grow, and so may need nothing of the runtime.
var below = quiet.Law{
	Roots: []string{
		"perdure/kernel.syscallEntry.abi0",
		"perdure/kernel.apEntry.abi0",
		"perdure/kernel.enter.abi0", // every entry of vectors calls it
		"perdure/kernel.nmi.abi0",
		"perdure/kernel.doubleFault.abi0",
		"perdure/kernel.machineCheck.abi0",
		"perdure/kernel.goldenPoint.abi0",
		"perdure/kernel.reset.abi0",
		"perdure/kernel.park.abi0",
		"perdure/kernel.failed", // fail.OnFailure
	},
	Ends:    exitPath.Ends,
	Loud:    exitPath.Loud,
	Allowed: map[string]string{},
	Hooks: map[string][]string{
		"perdure/kernel/personality.Processor": {"perdure/kernel.processor"},
		"perdure/kernel/personality.Now":       {"perdure/kernel.nanotime"},
		"perdure/kernel/personality.SetFS":     {"perdure/kernel.setFS"},
		"perdure/kernel/personality.Relax":     {"perdure/kernel.relax"},
		"perdure/kernel/personality.Notify":    {"perdure/kernel.notify"},
		"perdure/kernel/personality.Print":     {"perdure/kernel.print"},
		"perdure/kernel/personality.Exit":      {"perdure/kernel.exit"},
		"perdure/kernel/personality.Back":      {"perdure/kernel.back"},
		"perdure/kernel/personality.Clear":     {"perdure/kernel.clearPage"},
		"perdure/kernel/personality.Private":   {"perdure/kernel.answer"},
		"perdure/kernel.OnWait":                {"perdure/partition.watchOn"},
		"perdure/kernel.OnNMI":                 {"perdure/partition.beat"},
		"perdure/kernel.Rescue":                {"perdure/vmx.rescue"},
		"perdure/kernel.Between":               {"perdure/vmx.between"},
	},
	Extended: true,
}

// ownStack is the smallest of the stacks that this code runs on, but for what
// comes with a frame of its own.
const ownStack = 8 << 10

// TestWhatIsBelowTheRuntimeNeedsNoneOfIt reads the same image from other roots.
func TestWhatIsBelowTheRuntimeNeedsNoneOfIt(t *testing.T) {
	img, err := quiet.Open(compiled(t))
	if err != nil {
		t.Fatal(err)
	}
	report := quiet.Check(img, below)
	bytes, chain := report.Deepest()
	for _, o := range report.Offences {
		t.Error(o)
	}
	if bytes > ownStack/2 {
		t.Errorf("it uses %d bytes of stack: %s", bytes, strings.Join(chain, " → "))
	}
	t.Logf("%d functions; deepest: %d bytes, %s", len(report.Path), bytes, strings.Join(chain, " → "))
}
