package main

import (
	"fmt"

	"perdure/partition/abi"
)

// word is a number of 64 bits, which JSON's numbers do not hold.
type word uint64

// MarshalText gives it as in C.
func (w word) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%#x", uint64(w)), nil }

// dumpJSON is the answer of "hvctl dump --json".
type dumpJSON struct {
	Name      string          `json:"name"`
	VP        uint32          `json:"vp"`
	State     string          `json:"state"`
	CPU       uint32          `json:"cpu"`
	Activity  string          `json:"activity"`
	TSC       word            `json:"tsc"`
	Registers map[string]word `json:"registers"`
	Segments  []segmentJSON   `json:"segments"`
	Controls  map[string]word `json:"controls"`
	LastExit  map[string]word `json:"last_exit"`
	Reason    string          `json:"last_exit_reason"`
	APIC      map[string]word `json:"apic"`
	Pending   string          `json:"pending_vectors"`
	InService string          `json:"vectors_in_service"`
	Walk      *walkJSON       `json:"walk"` // null if none was asked for
	Exits     []exitJSON      `json:"exits"`
}

type segmentJSON struct {
	Name     string `json:"name"`
	Selector word   `json:"selector"`
	Base     word   `json:"base"`
	Limit    word   `json:"limit"`
	Access   word   `json:"access"`
}

type walkJSON struct {
	Linear   word   `json:"linear"`
	Entries  []word `json:"entries"`
	At       []word `json:"at"` // guest-physical addresses of the entries
	Mapped   bool   `json:"mapped"`
	Physical word   `json:"guest_physical"`
	Memory   bool   `json:"memory"`
	Page     uint64 `json:"page_size"`
	Entry    word   `json:"ept_entry"`
	Host     word   `json:"host_physical"`
}

// json returns the dump with names that scripts can rely on.
func (d *dumped) json(name string) dumpJSON {
	r := &d.regs
	j := dumpJSON{
		Name: name, VP: r.VP, State: r.State.String(), CPU: r.CPU, Activity: activity(r), TSC: word(r.Now), Exits: d.exits,
		Registers: map[string]word{"rip": word(r.RIP), "rflags": word(r.RFLAGS), "cr0": word(r.CR0), "cr2": word(r.CR2), "cr3": word(r.CR3),
			"cr4": word(r.CR4), "efer": word(r.EFER), "xcr0": word(r.XCR0)},
		Controls: map[string]word{"pin": word(r.Pin), "primary": word(r.Primary), "secondary": word(r.Secondary), "exit": word(r.Exit),
			"entry": word(r.EntryCtl), "exceptions": word(r.Exceptions)},
		LastExit: map[string]word{"reason": word(r.Reason), "qualification": word(r.Qualification), "instruction_length": word(r.InsnLength),
			"guest_linear": word(r.GuestLinear), "guest_physical": word(r.GuestPhysical), "vectoring": word(r.Vectoring),
			"injecting": word(r.EntryInfo), "interruptibility": word(r.Interruptibility), "pending_debug": word(r.PendingDebug), "events": word(r.Events)},
		Reason:  abi.ReasonName(r.Reason),
		APIC:    map[string]word{"base": word(r.APICBase), "deadline": word(r.Deadline), "tpr": word(r.TPR), "ppr": word(r.PPR)},
		Pending: vectors(r.IRR), InService: vectors(r.ISR),
	}
	for i, v := range r.General {
		j.Registers[registerNames[i]] = word(v)
	}
	for i, s := range r.Segment {
		j.Segments = append(j.Segments, segmentJSON{segmentNames[i], word(s.Selector), word(s.Base), word(s.Limit), word(s.Access)})
	}
	j.Segments = append(j.Segments, segmentJSON{Name: "gdtr", Base: word(r.GDTR.Base), Limit: word(r.GDTR.Limit)},
		segmentJSON{Name: "idtr", Base: word(r.IDTR.Base), Limit: word(r.IDTR.Limit)})
	if k := d.walk; k != nil {
		j.Walk = &walkJSON{Linear: word(k.Linear), Mapped: k.Present != 0, Physical: word(k.Physical), Memory: k.EPTMapped != 0,
			Page: pageSize(k), Entry: word(k.EPTEntry), Host: word(k.Host)}
		for i := range min(int(k.Levels), len(k.Entry)) {
			j.Walk.Entries, j.Walk.At = append(j.Walk.Entries, word(k.Entry[i])), append(j.Walk.At, word(k.Slot[i]))
		}
	}
	return j
}

// pageSize is that of the hypervisor's mapping.
func pageSize(k *abi.Walk) uint64 { return 4096 << (9 * min(k.EPTLevel, 2)) }
