package system

import (
	"os"
	"path/filepath"
	"testing"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// Machines that Perdure cannot run on: it says in one line what is missing and
// what to do, and halts.
func TestRefusesMachine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config emu.Config
		want   string
	}{
		{"no VT-x", emu.Config{Kind: emu.Bochs, CPUModel: "p4_prescott_celeron_336"}, `error .*no VT-x`},
		{"no VT-x, BIOS", emu.Config{Kind: emu.QEMUTCG}, `error .*no VT-x`},
		{"no VT-x, UEFI", emu.Config{Kind: emu.QEMUTCG, UEFI: true}, `error .*no VT-x`},
		{"VT-x without EPT", emu.Config{Kind: emu.Bochs, CPUModel: "core2_penryn_t9600"}, `error .*VT-x lacks: .*EPT`},
		{"no 64-bit mode", emu.Config{Kind: emu.Bochs, CPUModel: "p2_klamath"}, `perdure: .*no 64-bit mode`},
		{"too little memory", emu.Config{Kind: emu.Bochs, Memory: 32}, `perdure: .*give the machine more memory`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := boot(t, rig.Options{Config: c.config})
			m.want(c.want)
			m.halts()
		})
	}
}

// Firmware whose tables do not say what we must know.
func TestRefusesFirmware(t *testing.T) {
	m := boot(t, rig.Options{Config: emu.Config{Kind: emu.Bochs}, WithoutACPI: []string{"APIC"}})
	m.want(`error .*ACPI table APIC is missing`)
	m.halts()
}

// Modules that are no kernel, or are missing.
func TestRefusesModule(t *testing.T) {
	t.Parallel()
	noise := filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(noise, []byte("this is no kernel\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kernel, want string
	}{
		{"no kernel", noise, `error .*kernel`},
		{"no module at all", "none", `error .*kernel`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := boot(t, rig.Options{Config: emu.Config{Kind: emu.Bochs}, Kernel: c.kernel})
			m.want(c.want)
			m.halts()
		})
	}
}
