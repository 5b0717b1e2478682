//go:build metal

#include "go_asm.h"
#include "textflag.h"
#include "frame.h"

#define STATE(reg) MOVQ $(const_machineAt+machine_set), reg

// func reset()
// Out: Golden returns true on every processor. Clobbers: everything volatile.
// Needs: a golden copy has been taken; any state but that of a parked or
// leading processor.
TEXT ·reset(SB), NOSPLIT|NOFRAME, $0-0
	CLI
	CLD
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, R15
	STATE(R8)
	MOVQ CPU_self(GS), R9
	MOVQ CPU_index(R9), BX
	INCQ BX
	XORL AX, AX
	LOCK
	CMPXCHGQ BX, goldenState_lead(R8)
	JNE  follow
	MOVQ $const_gateLeading, CPU_gate(R9)
	MOVQ CPU_stack(R9), SP
	PUSHQ $2
	POPFQ // an IRET with NT set would fault
	MOVQ R15, goldenState_stamp(R8)
	MOVQ BX, goldenState_led(R8)
	MOVQ $0, goldenState_armed(R8)
	MOVQ (const_machineAt+machine_cpus), R10
	DECQ R10
	JZ   alone
	MOVQ (const_machineAt+machine_tscHz), R11
	SHRQ $4, R11
	ADDQ R15, R11 // until when all must have come
	CMPQ goldenState_x2(R8), $0
	JE   byMemory
	MOVL $0x830, CX    // ICR
	MOVL $0xc4400, AX  // NMI to all others
	XORL DX, DX
	MFENCE
	WRMSR
	JMP  gather
byMemory:
	MOVQ goldenState_apic(R8), BX
busy:
	TESTL $0x1000, 0x300(BX)
	JNZ  busy
	MOVL $0xc4400, 0x300(BX)
gather:
	PAUSE
	CMPQ R10, goldenState_parked(R8)
	JEQ  alone
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	CMPQ AX, R11
	JB   gather
	JMP  ·hopeless(SB)
alone:
	CMPQ goldenState_back(R8), $0
	JNE  back
	CMPQ goldenState_pristine(R8), $0
	JE   copy
	MOVQ $0, goldenState_pristine(R8)
	MOVQ $0, goldenState_repaired(R8)
	XORQ $1, goldenState_active(R8)
	INCQ goldenState_switches(R8)
	MOVQ $0, goldenState_copying(R8)
	JMP  ready
follow:
	CMPQ AX, BX
	JEQ  failed
	JMP  ·park(SB)
failed:
	JMP  ·hopeless(SB)
copy:
	MOVQ $1, goldenState_copying(R8)
	NOGOROUTINE(R9) // the wrapper looks for one
	CALL ·restoreActive(SB)
	STATE(R8)
	MOVQ CPU_self(GS), R9
ready:
	MOVL $0, (const_machineAt+machine_busy)
	CALL ·quiet(SB)
	MOVQ $0, goldenState_parked(R8)
	MOVQ $const_gateNormal, CPU_gate(R9)
	MOVQ $0, goldenState_lead(R8)
	LOCK
	INCQ goldenState_epoch(R8)
	JMP  ·reenter(SB)
back:
	MOVQ $0, goldenState_parked(R8)
	LOCK
	INCQ goldenState_epoch(R8)
	JMP  ·giveBack(SB)

// func hopeless()
// In: R9 = block. Out: none: the reset cannot be carried out. Clobbers: everything.
TEXT ·hopeless(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ CPU_stack(R9), SP
	NOGOROUTINE(R9) // the wrapper looks for one
	CALL ·stuck(SB) // does not return
	HLT

// func park()
// Waits for the end of the reset that another processor leads; then as reset.
// Clobbers: everything.
TEXT ·park(SB), NOSPLIT|NOFRAME, $0-0
	CLI
	CLD
	STATE(R8)
	MOVQ CPU_self(GS), R9
	MOVQ CPU_stack(R9), SP
again:
	MOVQ $const_gateParked, CPU_gate(R9)
	MOVQ goldenState_epoch(R8), R10
	LOCK
	INCQ goldenState_parked(R8)
wait:
	PAUSE
	CMPQ R10, goldenState_epoch(R8)
	JEQ  wait
	// The NMI of a next reset may have come a moment ago and been ignored.
	MOVQ $const_gateNormal, CPU_gate(R9)
	MFENCE
	CMPQ goldenState_back(R8), $0
	JNE  back
	CMPQ goldenState_lead(R8), $0
	JNE  again
	CALL ·quiet(SB)
	JMP  ·reenter(SB)
back:
	JMP  ·giveBack(SB)

// func quiet()
// Ends every interrupt in service here, keeping in CPU.Vectors which they were,
// and stops the timer. In: R8 = state, R9 = block. Clobbers: AX, BX, CX, DX, SI, DI.
TEXT ·quiet(SB), NOSPLIT|NOFRAME, $0-0
	CMPQ goldenState_x2(R8), $0
	JE   byMemory
	MOVL $0x811, CX // ISR, vectors 32 and up
service:
	RDMSR
	TESTL AX, AX
	JNZ  some
next:
	INCL CX
	CMPL CX, $0x818
	JNE  service
	XORL AX, AX
	XORL DX, DX
	MOVL $0x838, CX // initial count
	CMPQ goldenState_deadline(R8), $0
	JE   count
	MOVL $0x6e0, CX // IA32_TSC_DEADLINE
count:
	WRMSR
	RET
some:
	ORL  AX, (CPU_Vectors-4*0x810)(R9)(CX*4)
	MOVL CX, SI
	MOVL AX, BX
	MOVL $0x80b, CX // EOI
end:
	XORL AX, AX
	XORL DX, DX
	WRMSR
	LEAL -1(BX), DI
	ANDL DI, BX
	JNZ  end
	MOVL SI, CX
	JMP  next
byMemory:
	MOVQ goldenState_apic(R8), DX
	MOVL $1, CX
service2:
	MOVQ CX, SI
	SHLQ $4, SI
	MOVL 0x100(DX)(SI*1), BX
	TESTL BX, BX
	JZ   next2
	ORL  BX, CPU_Vectors(R9)(CX*4)
end2:
	MOVL $0, 0xb0(DX)
	LEAL -1(BX), DI
	ANDL DI, BX
	JNZ  end2
next2:
	INCQ CX
	CMPQ CX, $8
	JNE  service2
	MOVL $0, 0x380(DX)
	CMPQ goldenState_deadline(R8), $0
	JE   done2
	MOVL $0x6e0, CX
	XORL AX, AX
	XORL DX, DX
	WRMSR
done2:
	RET

// func reenter()
// In: R8 = state, R9 = block. Out: Golden's return here, out of the set in use;
// by IRET, which unblocks NMIs. Clobbers: everything. Guests' x87 state and
// MXCSR stay in the registers.
TEXT ·reenter(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ goldenState_active(R8), AX
	MOVQ goldenState_roots(R8)(AX*8), AX
	MOVQ AX, CR3
	MOVQ CR0, AX
	BTSQ $16, AX // WP
	JCS  protected
	MOVQ AX, CR0
protected:
	XORL AX, AX
	MOVQ AX, CPU_depth(R9)
	MOVQ AX, CPU_mending(R9)
	MOVQ AX, CPU_fpu(R9)
	MOVQ CPU_gFS(R9), AX
	MOVQ AX, DX
	SHRQ $32, DX
	MOVL $0xc0000100, CX
	WRMSR
	XORPS X15, X15
	PUSHQ CPU_gBP(R9)
	POPQ BP
	MOVQ CPU_gSP(R9), AX
	ADDQ $8, AX
	MOVQ CPU_stack(R9), SP
	PUSHQ $const_selData
	PUSHQ AX
	PUSHQ CPU_flags(R9)
	PUSHQ $const_selCode
	PUSHQ CPU_gPC(R9)
	IRETQ
