// Package abi has what a partition and the hypervisor must agree on: the words
// of a hypercall, its records, and the CPUID leaves.
//
// The one idea: a record's Go struct is its encoding. All are little endian,
// without padding, begin with their own size, and only ever grow at the end.
package abi

// Version is the version of the hypercall interface; it rises when a call or a
// record changes in a way that an older caller would misread.
const Version = 1

// A hypercall is made by VMCALL in ring 0, or from user space by one 32-bit OUT
// (OUT DX, EAX) to Port; the processor itself allows the OUT only to a process
// that its kernel gave the port. Registers are the same both ways:
//
//	RAX              in: the call's Word; out: 0 or more, or a negative Errno
//	RDI RSI R10      in: arguments 1, 2 and 4
//	RDX              in: argument 3 (VMCALL; see below); out: second result
//	R8 R9            in: arguments 5 and 6
//
// In the OUT form DX is the port, so argument 3 travels in RBX, which is not
// changed. No other register, and no flag, is changed in either form.
const Port = 0x0f50

// PortWidth is the number of ports from Port that the OUT covers, and that the
// caller must hold.
const PortWidth = 4

// MaxBuffer is the most bytes that one call moves. A buffer is a guest-virtual
// address and a length, walked with the caller's CR3 when the call is made.
const MaxBuffer = 16 << 10

// Word makes the word of a call to n by this version of the interface.
func Word(n Call) uint64 { return uint64(n) | Version<<16 }

// SplitWord takes a call's word apart; a word of version 0 is not ours but KVM's,
// answered by ErrKVM.
//
//go:nosplit
func SplitWord(w uint64) (n Call, version uint64) { return Call(w & 0xffff), w >> 16 }

// Call is the number of a hypercall.
type Call uint16

// The calls. "buf, len" is a buffer that the hypervisor writes; it answers with
// the bytes written in RAX. A buffer shorter than the record gets its beginning.
const (
	_              Call = iota
	CallNull            // () → 0. Nothing; for measuring and for feeling about
	CallVersion         // () → Version, RDX: bit n set if the caller may make call n
	CallInfo            // (buf, len) → an Info
	CallProcessor       // (index, buf, len) → a Processor, the physical one
	CallPartitions      // (first, buf, len) → Partition records from index first on; RDX: how many exist
	CallCounters        // (partition, vp, buf, len) → the Counters of one VP, or AllVPs together
	CallLines           // (partition, buf, len) → the Lines of a partition
	CallLog             // (position, buf, len) → log text; RDX: position after it; the first byte's position is RDX minus RAX
	CallTrace           // (processor, sequence, buf, len) → TraceEntry records; RDX: sequence after them
	CallCheck           // (request, buf, len) → a Check; a request not equal to the last one begins a new check
	CallConsole         // (buf, len) → bytes taken for the console, as a line of the caller's
	CallCreate          // (buf, len) of a Config → the partition's number; it is created when its state is StateCreated
	CallControl         // (partition, Op) → the partition's State
	CallSet             // (partition, Property, value) → 0
	CallLoad            // (partition, guest-physical address, buf, len) → bytes copied into a created partition
	CallEntry           // (partition, buf, len) of an Entry → 0
	CallDump            // (partition, vp, buf, len) → Registers; ErrBusy until they have been read
	CallWalk            // (partition, vp, linear address, buf, len) → a Walk, with the state that CallDump read last
	CallRead            // (partition, position, buf, len) → what its console said; RDX: position after it
	CallWrite           // (partition, buf, len) → bytes taken for its console
	CallPort            // (partition, index, buf, len) → a NetPort
	CallDisk            // (partition, index, buf, len) → a DiskInfo
	CallRing            // (partition, index) → 0; answers lie in the disk's ring
	CallRestart         // (RestartOp, ...) → as the operation says: a hot restart
	CallService         // (ServiceOp, ...) → as the operation says; a candidate's alone
	CallResets          // (number, buf, len) → a Reset; number 0: the last one
	CallInject          // (InjectOrder or InjectReport, buf, len) of an Injection → bytes of the report; only in images that can
	NumCalls       = int(iota)
)

// AllVPs as the VP of CallCounters asks for the partition's sum.
const AllVPs = 1<<32 - 1

// FromEnd as the position of CallLog or the sequence of CallTrace gives nothing
// but where the next byte or entry will be.
const FromEnd = 1<<64 - 1

// String returns the call's name as docs/abi.md has it.
func (n Call) String() string {
	names := [...]string{"", "null", "version", "info", "processor", "partitions", "counters", "lines", "log", "trace", "check", "console",
		"create", "control", "set", "load", "entry", "dump", "walk", "read", "write", "port", "disk", "ring", "restart", "service", "resets", "inject"}
	if n == 0 || int(n) >= len(names) {
		return "unknown"
	}
	return names[n]
}
