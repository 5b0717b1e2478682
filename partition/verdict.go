package partition

import "perdure/vmx"

// Verdict is what a handler decided: which of its results the commit applies,
// and what the dispatcher does then. The zero value is a bug.
type Verdict uint64

// What the commit applies; the values are those of vmx.Context.Commit.
const (
	Advance Verdict = vmx.CommitRIP  // step over the instruction
	RAX     Verdict = vmx.CommitRAX  // RAX := OutRAX
	ABCD    Verdict = vmx.CommitABCD // RAX, RBX, RCX, RDX := Out…
	Reg     Verdict = vmx.CommitReg  // Regs[OutIndex] := OutRAX
	Changes Verdict = vmx.CommitLog  // the VP's log

	// What comes most often has no need of a log: one word says it all.
	Ends  Verdict = vmx.CommitEnd   // the interrupt in service with vector OutRAX ends
	Timer Verdict = vmx.CommitTimer // the timer's deadline becomes OutRAX

	early      = Changes | Ends | Timer // at most one of them: done as soon as it is committed
	commitMask = Advance | RAX | ABCD | Reg | early
)

// What happens then.
const (
	Resume Verdict = 1 << (16 + iota) // enter again, nothing else to do
	Park                              // give the processor back
	Refuse                            // the partition is beyond repair: stop it
)
