// The processor's own registers and instructions.
#include "hostile.h"

// msr gives a number of one: those that exist, their neighbours, any.
static u32 msr(void) {
	static const u32 known[] = {0x0, 0x1, 0x10, 0x17, 0x1b, 0x3a, 0x3b, 0x48, 0x49, 0x79, 0x8b, 0xc1, 0xc3, 0xce, 0xe7, 0xe8, 0xfe, 0x10a, 0x10b, 0x122,
		0x140, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x17f, 0x186, 0x198, 0x199, 0x19a, 0x19b, 0x19c, 0x1a0, 0x1a2, 0x1a4, 0x1d9, 0x1db, 0x1fc,
		0x200, 0x201, 0x20f, 0x210, 0x250, 0x258, 0x268, 0x26f, 0x277, 0x2ff, 0x309, 0x345, 0x38d, 0x38f, 0x390, 0x400, 0x480, 0x48c, 0x491, 0x4c1, 0x560, 0x570,
		0x600, 0x606, 0x6a0, 0x6a2, 0x6a8, 0x6e0, 0x6e1, 0x770, 0x802, 0x808, 0x80b, 0x80d, 0x80e, 0x80f, 0x810, 0x828, 0x832, 0x835, 0x838, 0x839, 0x83e, 0x83f,
		0xc80, 0xc8f, 0xd90, 0xda0, 0x4b564d00, 0x40000000, 0x40000073, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101,
		0xc0000102, 0xc0000103, 0xc0010000, 0xc0010015, 0xc0010114};
	u32 m = known[below(sizeof known / sizeof *known)];
	switch (below(8)) {
	case 0: m += below(16); break;
	case 1: m = wild(); break;
	case 2: m = 0x800 + below(0x100); break;
	}
	return m == ICR ? EOI : m;
}

void op_rdmsr(void) {
	for (u64 n = below(3) + 1; n; n--)
		rdmsr(msr());
}

void op_wrmsr(void) {
	u32 m = msr();
	u64 v = wild();
	if (once_in(2) && m != ICR)
		v = rdmsr(m) ^ 1ul << below(64);
	wrmsr(m, v);
	if (m == APIC_BASE || once_in(8))
		fix_apic();
	if (m == 0x1d9)
		wrmsr(m, 0);
}

void op_cpuid(void) {
	static const u32 bases[] = {0, 0x40000000, 0x40000100, 0x80000000, 0x20000000, 0x8fffffff};
	for (u64 n = below(4) + 1; n; n--)
		cpuid(once_in(8) ? any() : bases[below(6)] + below(40), once_in(4) ? wild() : below(8));
}

void op_cr(void) {
	u64 bits = 1ul << below(64);
	if (once_in(3))
		bits = wild();
	switch (below(7)) {
	case 0: WRITE_CR(0, READ_CR(0) ^ bits); break;
	case 1: WRITE_CR(4, READ_CR(4) ^ (once_in(2) ? 1ul << below(26) : bits)); break;
	case 2: WRITE_CR(8, once_in(2) ? below(16) : bits); WRITE_CR(8, 0); break;
	case 3: // another root of the same tables, or none
		WRITE_CR(4, 0x20 | (u64)once_in(2) << 17);
		WRITE_CR(3, once_in(2) ? (u64)pml4 | below(4096) | (u64)once_in(2) << 63 : ~0ul << (52 + below(12)) | (u64)pml4);
		break;
	case 4: __asm__ volatile("lmsw %w0" : : "r"(bits)); break;
	case 5: __asm__ volatile("clts; smsw %0" : "=r"(bits)); break;
	case 6: WRITE_CR(2, bits); break;
	}
	if (once_in(2))
		cpuid(0, 0);
}

void op_dr(void) {
	u64 at = once_in(3) ? wild() : (u64)arena + below(64) * 8;
	switch (below(6)) {
	case 0: WRITE_DR(0, at); break;
	case 1: WRITE_DR(3, at); break;
	case 2: WRITE_DR(6, wild()); break;
	case 3: WRITE_DR(4, at); break;
	case 4: WRITE_DR(5, at); break;
	}
	if (once_in(2))
		WRITE_CR(4, READ_CR(4) | 8); // DE: breakpoints on ports
	WRITE_DR(1, once_in(2) ? (u64)arena : 0x21);
	WRITE_DR(2, (u64)op_cpuid);
	WRITE_DR(7, once_in(4) ? wild() : (any() & 0xffff2fff) | 0x400);
	*(volatile u64 *)arena = 1;
	inb(0x21);
	if (once_in(2))
		op_cpuid();
	if (once_in(4))
		op_string();
	READ_DR(7);
	READ_DR(6);
}

void op_xcr(void) {
	WRITE_CR(4, READ_CR(4) | 1 << 18 | 1 << 9);
	u64 v = once_in(3) ? wild() : (u8[]){1, 3, 7, 0xe7}[below(4)];
	__asm__ volatile("xsetbv" : : "c"(once_in(4) ? (u32)wild() : 0), "a"((u32)v), "d"((u32)(v >> 32)));
	__asm__ volatile("xgetbv" : "=a"(v) : "c"(0) : "rdx");
	if (once_in(2))
		__asm__ volatile("xsave64 (%0)" : : "r"(arena + USER + 8192), "a"(-1), "d"(-1) : "memory");
	if (once_in(4))
		__asm__ volatile("xrstor64 (%0)" : : "r"(arena + USER + 8192), "a"(-1), "d"(-1) : "memory");
	__asm__ volatile("xsetbv" : : "c"(0), "a"(3), "d"(0));
}

// op_odd does what kernels seldom do.
void op_odd(void) {
	u64 at = once_in(2) ? address() : play(), v = wild();
	struct { u64 pcid, at; } desc = {wild(), wild()};
	u32 selector = wild();
	if ((selector & 0xfff8) == 0x40)
		selector = 0; // the other processor's task
	switch (below(26)) {
	case 0: __asm__ volatile("invlpg (%0)" : : "r"(wild()) : "memory"); break;
	case 1: __asm__ volatile("wbinvd" : : : "memory"); break;
	case 2: __asm__ volatile("invd" : : : "memory"); break;
	case 3: __asm__ volatile("rdpmc" : : "c"(wild()) : "rax", "rdx"); break;
	case 4: __asm__ volatile("rsm"); break;
	case 5: __asm__ volatile("getsec" : : "a"(wild()), "b"(at)); break;
	case 6: __asm__ volatile("monitor" : : "a"(at), "c"(0), "d"(0)); break;
	case 7: __asm__ volatile("mwait" : : "a"(v), "c"(0)); break;
	case 8: __asm__ volatile("rdtscp" : : : "rax", "rdx", "rcx"); break;
	case 9: __asm__ volatile("invpcid (%0), %1" : : "r"(&desc), "r"(wild()) : "memory"); break;
	case 10: __asm__ volatile("pause; pause; pause"); break;
	case 11: __asm__ volatile("mov %0, %%ds" : : "r"(selector)); break;
	case 12: __asm__ volatile("mov %0, %%gs" : : "r"(selector)); break;
	case 13: __asm__ volatile("lldt %w0" : : "r"(selector)); break;
	case 14: __asm__ volatile("ltr %w0" : : "r"(selector)); break;
	case 15: __asm__ volatile("ud2"); break;
	case 16: __asm__ volatile("int3"); break;
	case 17: __asm__ volatile("int $0x80"); break;
	case 18: __asm__ volatile(".byte 0xf1"); break;
	case 19: __asm__ volatile("mov %%ss, %%eax; mov %%eax, %%ss; cpuid" : : : "rax", "rbx", "rcx", "rdx"); break;
	case 20:
		reset_apic();
		wrmsr(DEADLINE, rdtsc() + below(100000));
		__asm__ volatile("mov %%ss, %%eax; sti; mov %%eax, %%ss; hlt; cli" : : : "rax");
		break;
	case 21: __asm__ volatile("xorl %%edx, %%edx; divq %%rdx" : : "a"(1) : "rdx"); break;
	case 22: __asm__ volatile("encls" : : "a"(wild()), "b"(at), "c"(at), "d"(at)); break;
	case 23: __asm__ volatile("sgdt (%0); sidt (%0); str (%0); sldt (%0)" : : "r"(at) : "memory"); break;
	case 24: __asm__ volatile("rdrand %0; rdseed %0" : "=r"(v)); break;
	case 25: __asm__ volatile("jmp *%0" : : "r"(once_in(3) ? 1ul << 63 : once_in(2) ? window_() : 0xd0000000 + below(4096))); break;
	}
	__asm__ volatile("lldt %w0" : : "r"(0));
}

void op_vmx(void) {
	u64 at = once_in(2) ? address() : play();
	switch (below(14)) {
	case 0: __asm__ volatile("vmxon (%0)" : : "r"(at) : "memory", "cc"); break;
	case 1: __asm__ volatile("vmclear (%0)" : : "r"(at) : "memory", "cc"); break;
	case 2: __asm__ volatile("vmptrld (%0)" : : "r"(at) : "memory", "cc"); break;
	case 3: __asm__ volatile("vmptrst (%0)" : : "r"(at) : "memory", "cc"); break;
	case 4: __asm__ volatile("vmread %0, %1" : : "r"(wild()), "r"(0ul) : "memory", "cc"); break;
	case 5: __asm__ volatile("vmwrite %0, %1" : : "r"(wild()), "r"(wild()) : "memory", "cc"); break;
	case 6: __asm__ volatile("vmlaunch" : : : "memory", "cc"); break;
	case 7: __asm__ volatile("vmresume" : : : "memory", "cc"); break;
	case 8: __asm__ volatile("vmxoff" : : : "memory", "cc"); break;
	case 9: __asm__ volatile("invept (%0), %1" : : "r"(at), "r"(below(4)) : "memory", "cc"); break;
	case 10: __asm__ volatile("invvpid (%0), %1" : : "r"(at), "r"(below(4)) : "memory", "cc"); break;
	case 11: __asm__ volatile("vmfunc" : : "a"(wild()), "c"(wild()) : "memory", "cc"); break;
	case 12: WRITE_CR(4, READ_CR(4) | 1 << 13); break;
	case 13: WRITE_CR(4, READ_CR(4) | 1 << 14); __asm__ volatile("getsec" : : "a"(0), "b"(0)); break;
	}
}

// op_flags returns to itself with random flags.
void op_flags(void) {
	u64 f = wild() & ~0x3000ul; // IOPL 0
	if (once_in(2))
		f = (any() & 0x3f7fd5) | 2;
	__asm__ volatile("mov %%rsp, %%rax; pushq %2; push %%rax; push %0; pushq %1; pushq $1f; iretq; 1: nop; cpuid; in $0x21, %%al; nop"
		: : "r"(f & ~0x20000ul), "i"(CODE), "i"(DATA) : "rax", "rbx", "rcx", "rdx", "memory", "cc");
}
