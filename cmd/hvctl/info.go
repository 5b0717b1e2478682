package main

import (
	"flag"
	"fmt"
	"strings"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

var cmdInfo = command{
	name:  "info",
	short: "Show the machine and the hypervisor",
	long: `Generation counts how often the hypervisor was replaced while partitions ran;
resets counts how often it recovered from a fault of its own.`,
	flags: func(*flag.FlagSet) func(*env, []string) error { return info },
}

// infoJSON is the answer of "hvctl info --json".
type infoJSON struct {
	Release          string   `json:"release"`
	Build            string   `json:"build"`
	Generation       uint64   `json:"generation"`
	Resets           uint64   `json:"resets"`
	UptimeSeconds    float64  `json:"uptime_seconds"`
	Processor        string   `json:"processor"`
	CPUs             uint32   `json:"cpus"`
	CPUsPresent      uint32   `json:"cpus_present"`
	Partitions       uint32   `json:"partitions"`
	TSCHz            uint64   `json:"tsc_hz"`
	TSCFromCPUID     bool     `json:"tsc_from_cpuid"`
	APICHz           uint64   `json:"apic_hz"`
	X2APIC           bool     `json:"x2apic"`
	UEFI             bool     `json:"uefi"`
	Features         []string `json:"features"`
	VMXBasic         uint64   `json:"vmx_basic"`
	EPTVPIDCap       uint64   `json:"ept_vpid_cap"`
	Memory           memJSON  `json:"memory"`
	LogBytes         uint64   `json:"log_bytes"`
	BootInstructions uint64   `json:"boot_tsc"` // TSC ticks from the first instruction to root's
	Mallocs          uint64   `json:"mallocs"`
	Collections      uint64   `json:"collections"`
	Standby          bool     `json:"standby"` // another instance is ready
	Golden           bool     `json:"golden"`
	GoldenRound      uint64   `json:"golden_round"`
	GoldenRounds     uint64   `json:"golden_rounds"`
	Owners           string   `json:"owners"` // checksum of who has which memory
}

type memJSON struct {
	Total     uint64 `json:"total"`
	Root      uint64 `json:"root"`
	Guests    uint64 `json:"guests"`
	Free      uint64 `json:"free"`
	Kept      uint64 `json:"kept"`
	KeptUsed  uint64 `json:"kept_used"`
	Home      uint64 `json:"home"`
	HomeUsed  uint64 `json:"home_used"`
	HomeStart uint64 `json:"home_start"`
	Image     uint64 `json:"image"`
}

func infoOf(i *abi.Info) infoJSON {
	return infoJSON{
		Release: abi.Text(i.Release[:]), Build: abi.Text(i.Build[:]), Generation: i.Generation, Resets: i.Resets,
		UptimeSeconds: span(since(i.Now, i.Start), i.TSCHz).Seconds(),
		Processor:     strings.Join(strings.Fields(abi.Text(i.CPUName[:])), " "),
		CPUs:          i.CPUs, CPUsPresent: i.CPUsPresent, Partitions: i.Partitions,
		TSCHz: i.TSCHz, TSCFromCPUID: i.Flags&abi.InfoTSCHz != 0, APICHz: i.APICHz,
		X2APIC: i.Flags&abi.InfoX2APIC != 0, UEFI: i.Flags&abi.InfoUEFI != 0,
		Features: abi.FeatureNames(i.Features), VMXBasic: i.VMXBasic, EPTVPIDCap: i.EPTVPIDCap,
		Memory: memJSON(i.Mem), LogBytes: i.LogEnd, BootInstructions: since(i.RootStart, i.Start),
		Mallocs: i.Mallocs, Collections: i.Collections,
		Standby: i.Flags&abi.InfoSpare != 0,
		Golden:  i.Flags&abi.InfoGolden != 0, GoldenRound: i.GoldenRound, GoldenRounds: i.Rounds,
		Owners: fmt.Sprintf("%016x", i.Owners),
	}
}

func info(e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	r, err := ask.Info(c)
	if err != nil {
		return err
	}
	i := infoOf(&r)
	if e.json {
		return e.emit(i)
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(e.out, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	how := "measured"
	if i.TSCFromCPUID {
		how = "from CPUID"
	}
	apic := "xAPIC"
	if i.X2APIC {
		apic = "x2APIC"
	}
	firmware := "BIOS"
	if i.UEFI {
		firmware = "UEFI"
	}
	line("Perdure", "%s, build %s", i.Release, i.Build)
	line("Up", "%s, generation %d, %d resets", ago(span(since(r.Now, r.Start), r.TSCHz)), i.Generation, i.Resets)
	line("Processors", "%d of %d, %s", i.CPUs, i.CPUsPresent, i.Processor)
	line("TSC", "%.3f MHz, %s; %s, %s", float64(i.TSCHz)/1e6, how, apic, firmware)
	line("VT-x", "%s", strings.Join(i.Features, " "))
	m := &i.Memory
	line("Memory", "%s: root %s, guests %s, free %s", size(m.Total), size(m.Root), size(m.Guests), size(m.Free))
	line("Hypervisor", "home %s at %#x, %s used; kept state %s, %s used; image %s", size(m.Home), m.HomeStart, size(m.HomeUsed), size(m.Kept), size(m.KeptUsed), size(m.Image))
	line("Partitions", "%d", i.Partitions)
	if i.Standby {
		line("Standby", "ready to go on if this instance fails for good")
	}
	if i.Golden {
		line("Golden", "image taken, %d rounds, last took %d instructions", i.GoldenRounds, i.GoldenRound)
	}
	return nil
}
