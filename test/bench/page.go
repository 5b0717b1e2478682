package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The table stands between these two lines of the page.
const (
	tableBegin = "<!-- bench: this table is written by make bench -->\n"
	tableEnd   = "<!-- end of bench -->\n"
)

// rows are the lines of the table: a figure of ours, what it is, and what it is
// compared with.
var rows = []struct{ name, what, beside, goal string }{
	{"exit.cpuid", "CPUID", "exit.cpuid.kvm", ""},
	{"exit.rdmsr", "RDMSR, intercepted (IA32_MISC_ENABLE)", "exit.rdmsr.kvm", ""},
	{"exit.out", "OUT to an emulated port (0x21)", "exit.out.kvm", ""},
	{"exit.hypercall", "hypercall that does nothing", "exit.hypercall.kvm", ""},
	{"exit.ept_mmio", "EPT violation: read of the IOAPIC's window", "exit.ept_mmio.kvm", ""},
	{"exit.ept_mmio_write", "the same, write", "exit.ept_mmio_write.kvm", ""},
	{"exit.deadline", "write of IA32_TSC_DEADLINE", "exit.deadline.kvm", ""},
	{"exit.eoi", "write of the x2APIC's EOI", "exit.eoi.kvm", ""},
	{"irq.inject", "self-IPI: send, inject, handle, EOI", "irq.inject.kvm", ""},
	{"irq.timer", "lateness of a timer interrupt, busy guest", "irq.timer.kvm", ""},
	{"irq.timer", "for scale: KVM when it sets no timer early", "irq.timer.kvm_exact", ""},
	{"hlt.wakeup", "lateness of a timer interrupt, halted guest", "hlt.wakeup.kvm", ""},
	{"hlt.wakeup", "for scale: KVM when it sets no timer early", "hlt.wakeup.kvm_exact", ""},
	{"root.boot", "Debian from its first instruction to its userland", "root.boot.bare", ""},
	{"root.boot.ratio", "the same, root against bare", "", "≤ 1.15"},
	{"root.cpu", "work in user space", "root.cpu.bare", ""},
	{"root.cpu.ratio", "the same, root against bare", "", "≤ 1.01"},
	{"guest.boot", "Debian as a guest, from its kernel's first instruction to its userland", "guest.boot.kvm", ""},
	{"guest.boot.ratio_bare", "the same, guest against bare", "", ""},
	{"guest.boot.ratio_kvm", "the same, against a guest of KVM's", "", ""},
	{"net.udp.instructions", "UDP packet of 1 KiB from guest to guest, all that executes", "net.udp.instructions.kvm", ""},
	{"blk.read4k.instructions", "read of 4 KiB by a guest, the disk a file of the host's", "blk.read4k.instructions.kvm", ""},
	{"blk.read4k.ram", "the same, the disk in memory", "", ""},
	{"vp.switch", "from one busy guest to the other, on one processor", "vp.switch.kvm", ""},
	{"vp.wakeup", "lateness of a timer interrupt, halted guest beside two busy ones", "vp.wakeup.kvm", ""},
	{"guest.create.instructions", "from the hypercall that creates a guest of 256 MiB to its first instruction", "", ""},
	{"guest.overhead.bytes", "kept state of a guest of 256 MiB with one VP, a card and a disk", "", ""},
	{"sched.share.error", "three busy guests with weights 1, 1 and 2", "", "≤ 0.05"},
	{"restart.blackout.same_layout", "hot restart: from a processor's last guest instruction under the old instance to the first under the new one", "", "≤ 1000"},
	{"restart.blackout.same_layout.cpus2", "the same, 2 processors, the one that stands longest", "", "≤ 1000"},
	{"restart.blackout.same_layout.cpus4", "the same, 4 processors", "", "≤ 1000"},
	{"restart.blackout.changed", "the same to a build with other records, one VP running", "", ""},
	{"restart.residue", "bytes converted in it", "", ""},
	{"restart.blackout.per_vp", "what one more VP adds to it", "", "≤ 6000"},
	{"restart.blackout.vmx_ops", "VMX instructions in it", "", "≤ 40"},
	{"restart.blackout.slope_memory", "the same with 64 GiB of memory against 512 MiB", "", "1.00"},
	{"restart.gap.max", "longest gap that a busy root sees from the handoff to the end", "", ""},
	{"restart.mirror.share", "what mirroring takes of a processor until the handoff", "", ""},
	{"restart.total", "the whole restart, beside a root that wants all of the processor", "", ""},
	{"restart.kexec", "for scale: kexec of Debian's kernel, to the next one's first process; no guest lives through it", "", ""},
	{"restart.predict.error", "how far off the blackout was foretold, the worst of 12 restarts beside busy guests", "", ""},
	{"restart.predict.error.cpus2", "the same, 2 processors", "", ""},
	{"recover.unwind", "rung 0: a nil pointer in a handler, from the guest's side, the exit that is repeated included", "", "≤ 10000"},
	{"recover.microreset", "rung 1: from noticing a failure to the first virtual processor that runs again", "", "≤ 20000"},
	{"recover.microreset.last.cpus2", "the same to the last processor, 2 processors", "", ""},
	{"recover.microreset.last.cpus4", "the same, 4 processors", "", ""},
	{"recover.slope_memory", "rung 1, until all is repaired, beside a guest of 1 GiB against one of 256 MiB", "", "≤ 1.02"},
	{"recover.microreboot", "rung 2: the same to the first virtual processor, in another home", "", "≤ 6000000"},
	{"recover.microreboot.last.cpus2", "the same to the last processor, 2 processors", "", ""},
	{"recover.detect.hang", "from a hang with interrupts off until it is noticed, the longest", "", "≤ 1000000"},
	{"recover.overhead", "instructions in the hypervisor for an exit, against a build without journal: the worst of three kinds of work", "", "≤ 1.02"},
	{"recover.overhead.read", "the same of exits that change nothing", "", "1"},
	{"recover.loc", "lines of what there is for recovery alone", "", ""},
	{"boot.instructions", "Perdure, from its first instruction to root's", "", ""},
	{"golden.round", "throwing the volatile state away", "", "≤ 300"},
	{"exit.allocs", "allocations while root works", "", "0"},
	{"image.bytes", "the image", "", "≤ 4 MiB"},
	{"home.bytes", "the home, as far as it is used", "", ""},
}

// short are the rows that the project's first page has.
var short = []string{"exit.cpuid", "exit.rdmsr", "exit.out", "exit.hypercall", "exit.ept_mmio", "irq.inject"}

// table prints the figures.
func table(results []Entry) string {
	b := bench{results: results}
	var s strings.Builder
	s.WriteString("| figure | | Perdure | beside it | | unit |\n|---|---|---:|---:|---:|---|\n")
	for _, r := range rows {
		v, ok := b.value(r.name)
		if !ok {
			continue
		}
		beside, times := r.goal, ""
		if w, ok := b.value(r.beside); ok {
			beside, times = number(w), fmt.Sprintf("%.1f ×", w/v)
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s | %s | %s |\n", r.name, r.what, number(v), beside, times, unit(results, r.name))
	}
	for _, m := range matrices {
		s.WriteString(m.print(&b))
	}
	return s.String()
}

// summary prints the few for the first page.
func summary(results []Entry) string {
	b := bench{results: results}
	var s strings.Builder
	s.WriteString("| | Perdure | KVM |\n|---|---:|---:|\n")
	for _, r := range rows {
		v, ok := b.value(r.name)
		w, ok2 := b.value(r.beside)
		if ok && ok2 && slices.Contains(short, r.name) {
			fmt.Fprintf(&s, "| %s | %s | %s |\n", r.what, number(v), number(w))
		}
	}
	return s.String()
}

func unit(results []Entry, name string) string {
	for _, e := range results {
		if e.Name == name {
			return e.Unit
		}
	}
	return ""
}

// renew puts a table into a page.
func renew(page, table string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table", page)
	}
	if names := lost(old, table); len(names) > 0 {
		return fmt.Errorf("%s has figures that the file of figures has not, %s among them: measure these too, or say -tree \"\"", page, names[0])
	}
	return os.WriteFile(page, []byte(before+tableBegin+"\n"+table+"\n"+tableEnd+after), 0o644)
}

// lost names the figures that one table has and another one would not have.
func lost(old, table string) (names []string) {
	for _, r := range rows {
		for _, cell := range []string{"| `" + r.name + "` |", "| " + r.what + " |"} {
			if strings.Contains(old, "\n"+cell) && !strings.Contains(table, "\n"+cell) {
				names = append(names, r.name)
			}
		}
	}
	return names
}

// renewAll puts the figures into the two pages that show them.
func renewAll(docs string, results []Entry) error {
	if err := renew(filepath.Join(docs, "docs/performance.md"), table(results)); err != nil {
		return err
	}
	return renew(filepath.Join(docs, "README.md"), summary(results))
}
