package main

import (
	"fmt"
	"io"
	"strings"

	"perdure/partition/abi"
)

var (
	registerNames = [16]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}
	segmentNames  = [8]string{"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"}
	activityNames = []string{"active", "HLT", "shutdown", "wait-for-SIPI"}
)

// draw prints a dump for people.
func (d *dumped) draw(w io.Writer, name string) {
	r := &d.regs
	fmt.Fprintf(w, "%s.%d %s on processor %d, %s\n\n", name, r.VP, r.State, r.CPU, activity(r))
	general(w, r)
	fmt.Fprintln(w)
	rows := [][]string{{"SEGMENT", "SELECTOR", "BASE", "LIMIT", "ACCESS"}}
	for i, s := range r.Segment {
		rows = append(rows, []string{segmentNames[i], fmt.Sprintf("%04x", s.Selector), fmt.Sprintf("%016x", s.Base), fmt.Sprintf("%08x", s.Limit), fmt.Sprintf("%05x", s.Access)})
	}
	for i, t := range []abi.Table{r.GDTR, r.IDTR} {
		rows = append(rows, []string{[]string{"gdtr", "idtr"}[i], "", fmt.Sprintf("%016x", t.Base), fmt.Sprintf("%08x", t.Limit), ""})
	}
	table(w, rows)
	fmt.Fprintf(w, "\ncontrols: pin %08x primary %08x secondary %08x exit %08x entry %08x exceptions %08x\n", r.Pin, r.Primary, r.Secondary, r.Exit, r.EntryCtl, r.Exceptions)
	fmt.Fprintf(w, "last exit: %s, qualification %#x, instruction of %d bytes, linear %#x, physical %#x\n", abi.ReasonName(r.Reason), r.Qualification, r.InsnLength, r.GuestLinear, r.GuestPhysical)
	fmt.Fprintf(w, "being injected %08x, delivery cut off %08x, interruptibility %x, pending debug %x, events %x\n", r.EntryInfo, r.Vectoring, r.Interruptibility, r.PendingDebug, r.Events)
	fmt.Fprintf(w, "local APIC: base %#x, tpr %02x, ppr %02x, pending %s, in service %s, timer at %d (now %d)\n", r.APICBase, r.TPR, r.PPR, vectors(r.IRR), vectors(r.ISR), r.Deadline, r.Now)
	if d.walk != nil {
		fmt.Fprintln(w)
		drawWalk(w, d.walk)
	}
	if len(d.exits) > 0 {
		fmt.Fprintln(w, "\nits last exits:")
		rows := [][]string{{" TSC", "EXIT", " RIP", " QUALIFICATION"}}
		for _, x := range d.exits {
			rows = append(rows, []string{fmt.Sprint(x.TSC), x.Name, fmt.Sprintf("%#x", x.RIP), fmt.Sprintf("%#x", x.Qualification)})
		}
		table(w, rows)
	}
}

func activity(r *abi.Registers) string {
	if r.Activity < uint64(len(activityNames)) {
		return activityNames[r.Activity]
	}
	return fmt.Sprint(r.Activity)
}

func general(w io.Writer, r *abi.Registers) {
	for i, v := range r.General {
		fmt.Fprintf(w, "%-4s%016x", registerNames[i], v)
		if i%4 == 3 {
			fmt.Fprintln(w)
		} else {
			fmt.Fprint(w, "  ")
		}
	}
	fmt.Fprintf(w, "rip %016x  rflags %08x  cr0 %08x  cr2 %016x\n", r.RIP, r.RFLAGS, r.CR0, r.CR2)
	fmt.Fprintf(w, "cr3 %016x  cr4 %08x  efer %08x  xcr0 %x\n", r.CR3, r.CR4, r.EFER, r.XCR0)
}

// vectors lists the vectors whose bits are set.
func vectors(bits [4]uint64) string {
	var list []string
	for v := range 256 {
		if bits[v/64]>>(v%64)&1 != 0 {
			list = append(list, fmt.Sprintf("%02x", v))
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, " ")
}

func drawWalk(w io.Writer, k *abi.Walk) {
	fmt.Fprintf(w, "linear %#x\n", k.Linear)
	for i := range min(int(k.Levels), len(k.Entry)) {
		fmt.Fprintf(w, "  level %d: entry %016x at %#x\n", i+1, k.Entry[i], k.Slot[i])
	}
	switch {
	case k.Present == 0:
		fmt.Fprintln(w, "  is not mapped by the guest")
	case k.EPTMapped == 0:
		fmt.Fprintf(w, "  is guest-physical %#x, where there is no memory\n", k.Physical)
	default:
		fmt.Fprintf(w, "  is guest-physical %#x\n  in a page of %s, entry %016x, host-physical %#x\n", k.Physical, size(pageSize(k)), k.EPTEntry, k.Host)
	}
}
