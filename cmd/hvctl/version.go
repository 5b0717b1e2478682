package main

import (
	"cmp"
	"encoding/binary"
	"flag"
	"fmt"
	"math/bits"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

var cmdVersion = command{
	name:  "version",
	short: "Show versions of this tool and of the hypervisor",
	long: `It needs no permission, and works outside Perdure too. Generation counts the hot
restarts since the machine was switched on.`,
	flags: func(*flag.FlagSet) func(*env, []string) error { return version },
}

// versionJSON is the answer of "hvctl version --json".
type versionJSON struct {
	Tool       string          `json:"tool"`
	Interface  int             `json:"interface"`
	Hypervisor *hypervisorJSON `json:"hypervisor"` // null outside Perdure
}

type hypervisorJSON struct {
	Release    string `json:"release"`
	Build      string `json:"build"`              // as CPUID has it: a number
	BuildID    string `json:"build_id,omitempty"` // as text, which a call asks for
	Interface  uint32 `json:"interface"`
	Generation uint32 `json:"generation"`
	Resets     uint32 `json:"resets"`
	Rights     uint32 `json:"rights"`
	Calls      int    `json:"calls,omitempty"`
}

// release writes a packed version as text.
func release(packed uint32) string {
	major, minor, patch := abi.UnpackVersion(packed)
	return fmt.Sprintf("%d.%d.%d", major, minor, patch)
}

func version(e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	v := versionJSON{Tool: release(abi.Release), Interface: abi.Version}
	if call.Here() {
		v.Hypervisor = belowUs()
		if c, err := e.open(); err == nil {
			if _, calls, err := c.Call(abi.CallVersion, nil); err == nil {
				v.Hypervisor.Calls = bits.OnesCount64(calls)
			}
			if i, err := ask.Info(c); err == nil {
				v.Hypervisor.BuildID = abi.Text(i.Build[:])
			}
		}
	}
	if e.json {
		return e.emit(v)
	}
	fmt.Fprintf(e.out, "hvctl    %s, interface %d\n", v.Tool, v.Interface)
	if h := v.Hypervisor; h != nil {
		fmt.Fprintf(e.out, "Perdure  %s, interface %d, build %s, generation %d, %d resets\n", h.Release, h.Interface, cmp.Or(h.BuildID, h.Build), h.Generation, h.Resets)
	} else {
		fmt.Fprintln(e.out, "Perdure  not below this system")
	}
	return nil
}

// belowUs reads what CPUID tells every partition.
func belowUs() *hypervisorJSON {
	a, b, c, d := x86.CPUID(abi.LeafVersion, 0)
	rights, _, _, iface := x86.CPUID(abi.LeafRights, 0)
	return &hypervisorJSON{
		Release: release(a), Build: fmt.Sprintf("%x", binary.BigEndian.AppendUint32(nil, b)),
		Interface: iface, Generation: c, Resets: d, Rights: rights,
	}
}
