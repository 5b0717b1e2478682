package vmcs

// Interruption describes an event that an exit reports or an entry delivers: the
// three fields share one format. SDM Vol. 3C, "Information for VM Exits Due to
// Vectored Events" and "VM-Entry Controls for Event Injection".
type Interruption uint32

// Kind is the type of an event, bits 10:8.
type Kind uint32

// Kinds of events.
const (
	KindExternal      Kind = 0
	KindNMI           Kind = 2
	KindException     Kind = 3 // a fault or trap that the processor found
	KindSoftware      Kind = 4 // INT n
	KindPrivileged    Kind = 5 // INT1
	KindSoftException Kind = 6 // INT3, INTO
	KindOther         Kind = 7
)

// Bits of an Interruption.
const (
	InterruptionHasError   Interruption = 1 << 11
	InterruptionUnblockNMI Interruption = 1 << 12 // reported only: an IRET was under way
	InterruptionValid      Interruption = 1 << 31
)

// Event makes the description of an event without error code.
//
//go:nosplit
func Event(k Kind, vector uint8) Interruption {
	return InterruptionValid | Interruption(k)<<8 | Interruption(vector)
}

// Exception makes the description of a hardware exception, with the bit for an
// error code if that vector pushes one.
//
//go:nosplit
func Exception(vector uint8) Interruption {
	i := Event(KindException, vector)
	const pushes = 1<<8 | 1<<10 | 1<<11 | 1<<12 | 1<<13 | 1<<14 | 1<<17 | 1<<21
	if vector < 32 && pushes>>vector&1 != 0 {
		i |= InterruptionHasError
	}
	return i
}

// Valid reports whether there is an event at all.
//
//go:nosplit
func (i Interruption) Valid() bool { return i&InterruptionValid != 0 }

// Vector is the event's vector.
//
//go:nosplit
func (i Interruption) Vector() uint8 { return uint8(i) }

// Kind is the event's type.
//
//go:nosplit
func (i Interruption) Kind() Kind { return Kind(i >> 8 & 7) }

// HasError reports whether an error code goes with the event.
//
//go:nosplit
func (i Interruption) HasError() bool { return i&InterruptionHasError != 0 }

// Software reports whether an instruction made the event, so that delivering it
// needs the instruction's length.
//
//go:nosplit
func (i Interruption) Software() bool {
	return i.Kind() == KindSoftware || i.Kind() == KindPrivileged || i.Kind() == KindSoftException
}

// Again is the event as it must be injected to happen again after the exit that
// interrupted its delivery: bits that only a report has are dropped.
//
//go:nosplit
func (i Interruption) Again() Interruption { return i &^ InterruptionUnblockNMI }
