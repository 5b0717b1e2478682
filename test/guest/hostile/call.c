// Hypercalls, and what local APICs are told.
#include "hostile.h"

void op_call(void) {
	u64 n = once_in(8) ? any() & 0xffff : below(28), version = once_in(8) ? below(65536) : 1, len = once_in(2) ? below(17000) : wild();
	u64 at = once_in(2) ? play() : once_in(2) ? address() : wild();
	u64 first = once_in(2) ? below(18) : wild();
	u64 w = n | version << 16 | (once_in(16) ? wild() << 32 : 0);
	if (n == 11) { // it says what it is given, and we have something to say too
		len = once_in(16) ? below(8) : ~0ul >> below(40);
		first = at;
	}
	if (n == 11)
		vmcall(w, first, len, len);
	else if (once_in(2))
		vmcall(w, first, at, len);
	else
		vmcall(w, at, len, first);
}

// command makes a word for the ICR that does not reset ourselves.
static u64 command(void) {
	u64 w = once_in(4) ? wild() : (any() & 0xdffff) | below(4) << 32;
	u64 mode = w >> 8 & 7;
	if (mode == 4 && !second_ready)
		w = 0x4031; // an NMI that meets no IDT is a triple fault
	if (mode == 5 || mode == 6) { // INIT and start-up: the other one's
		second_ready = 0;
		w = 1ul << 32 | (w & 0xc000) | mode << 8 | (mode == 6 ? 8 : 0);
	}
	return w;
}

void op_icr(void) {
	if (once_in(3))
		fix_apic();
	for (u64 n = once_in(16) ? 200 : below(8); n; n--) {
		u64 w = command();
		if (!both && (w >> 8 & 7) >= 5)
			continue;
		wrmsr(ICR, w);
		if (once_in(8))
			wrmsr(SELF, once_in(4) ? wild() & 0xff : 32 + below(224));
	}
	if (once_in(2))
		sti();
}

// op_apic changes the local APIC's mode, and uses it as memory.
void op_apic(void) {
	static const u16 regs[] = {0x20, 0x30, 0x80, 0x90, 0xa0, 0xb0, 0xd0, 0xe0, 0xf0, 0x100, 0x180, 0x200, 0x280, 0x310, 0x320, 0x330, 0x350, 0x360, 0x370, 0x380, 0x390, 0x3e0, 0x3f0};
	wrmsr(APIC_BASE, 0xfee00100);
	if (once_in(8))
		return; // it stays off for a while
	wrmsr(APIC_BASE, 0xfee00900);
	for (u64 n = below(16); n; n--) {
		volatile u32 *r = (u32 *)(0xfee00000ul + regs[below(sizeof regs / sizeof *regs)]);
		if (once_in(2))
			*r = wild();
		else
			(void)*r;
	}
	if (once_in(4)) { // an IPI in this mode
		u64 w = command();
		if ((w >> 8 & 7) < 5) {
			*(volatile u32 *)0xfee00310 = w >> 32 << 24;
			*(volatile u32 *)0xfee00300 = w;
		}
	}
	fix_apic();
	for (u64 n = below(6); n; n--)
		wrmsr(0x802 + below(0x3e), wild() & ~0x700ul); // the ICR among them: fixed
}

// op_halt halts, with something that ends it.
void op_halt(void) {
	reset_apic();
	u64 far = once_in(8) ? 200000 : below(20000);
	wrmsr(DEADLINE, once_in(4) ? below(2) : rdtsc() + far);
	wrmsr(DEADLINE, rdtsc() + far);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

// refused_restarts asks for each operation of a hot restart, and for some that there are
// not, and returns how often that was refused for want of rights, with nothing changed.
u64 refused_restarts(void) {
	enum { RESTART = 24 | 1 << 16, REFUSED = -1, OPERATIONS = 8 };
	u64 refused = 0;
	for (u64 op = 0; op < OPERATIONS; op++) {
		u64 a = RESTART, b = 1, c = 2, d = 4096, si = (u64)arena, di = op;
		register u64 r8 __asm__("r8") = 0, r9 __asm__("r9") = 3, r10 __asm__("r10") = 4096;
		arena[0] = 0x5a;
		__asm__ volatile("vmcall" : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(si), "+D"(di), "+r"(r8), "+r"(r9), "+r"(r10) : : "memory");
		refused += a == (u64)REFUSED && b == 1 && c == 2 && d == 4096 && si == (u64)arena && di == op && !r8 && r9 == 3 && r10 == 4096 && arena[0] == 0x5a;
	}
	return refused;
}
