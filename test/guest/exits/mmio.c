// Device windows, by many forms of instruction; and memory that is not ours.
#include "guest.h"

static volatile u32 *const select = (u32 *)0xfec00000, *const window = (u32 *)0xfec00010;
enum { LOW = 0x10 + 2 * 20, HIGH, MASKED = 1 << 16 };

#define FLAGS(code, in, set) ({ u64 f_; __asm__ volatile(code "; pushfq; popq %0" : "=r"(f_) : in, "r"((u64)(set)) : "cc", "memory"); f_ & 0x8d5; })

void test_mmio(void) {
	u64 r;
	*select = 1;
	eq("MOV r32, m", *window & 0xff, 0x20);
	*select = LOW;
	*window = MASKED | 0x93;
	eq("MOV m, r32", *window, MASKED | 0x93);
	__asm__ volatile("movl $0x10084, %0" : "=m"(*window));
	eq("MOV m, imm32", *window, MASKED | 0x84);
	r = ~0ul;
	__asm__ volatile("movl (%1), %%r9d; mov %%r9, %0" : "=r"(r) : "r"(window) : "r9");
	eq("MOV r9d, m clears the upper half", r, MASKED | 0x84);
	__asm__ volatile("movq (%1), %0" : "=r"(r) : "r"(window));
	eq("MOV r64, m", (u32)r, MASKED | 0x84);
	r = 0x1122334455667788;
	__asm__ volatile("movw (%1), %w0" : "+r"(r) : "r"(window));
	eq("MOV r16, m keeps the rest", r, 0x1122334455660084);
	r = 0x1122334455667788;
	__asm__ volatile("movb (%1), %%ah" : "+a"(r) : "b"(window));
	eq("MOV AH, m keeps the rest", r, 0x1122334455668488);
	__asm__ volatile("movb (%1), %%r10b; mov %%r10, %0" : "=r"(r) : "r"(window) : "r10");
	eq("MOV r10b, m", r & 0xff, 0x84);
	__asm__ volatile("movzbl (%1), %k0" : "=r"(r) : "r"(window));
	eq("MOVZX r32, m8", r, 0x84);
	__asm__ volatile("movzwq (%1), %q0" : "=r"(r) : "r"(window));
	eq("MOVZX r64, m16", r, 0x84);
	__asm__ volatile("movsbq (%1), %q0" : "=r"(r) : "r"(window));
	eq("MOVSX r64, m8", r, 0xffffffffffffff84);
	__asm__ volatile("movsbl (%1), %k0" : "=r"(r) : "r"(window));
	eq("MOVSX r32, m8", r, 0xffffff84);
	r = 0x1111111111111111;
	__asm__ volatile("movsbw (%1), %w0" : "+r"(r) : "r"(window));
	eq("MOVSX r16, m8", r, 0x111111111111ff84);
	__asm__ volatile("movslq (%1), %q0" : "=r"(r) : "r"(window));
	eq("MOVSXD r64, m32", r, MASKED | 0x84);
	r = MASKED | 0x71;
	__asm__ volatile("xchgl %k0, (%1)" : "+r"(r) : "r"(window) : "memory");
	eq("XCHG: register", r, MASKED | 0x84);
	eq("XCHG: memory", *window, MASKED | 0x71);
	eq("OR m, imm8: flags", FLAGS("orl $0x0e, (%1)", "r"(window), 0), 0x000);
	eq("OR m, imm8", *window, MASKED | 0x7f);
	eq("AND m, r: flags", FLAGS("stc; andl %k2, (%1)", "r"(window), MASKED | 0x50), 0x004);
	eq("AND m, r", *window, MASKED | 0x50);
	eq("XOR m, imm32: flags", FLAGS("stc; xorl $0x10001, (%1)", "r"(window), 0) & 0x8c5, 0x000);
	eq("XOR m, imm32", *window, 0x51);
	*window = MASKED | 0x51;
	eq("TEST m, imm: zero", FLAGS("stc; testl $0x80000000, (%1)", "r"(window), 0), 0x044);
	eq("TEST m, r: not zero", FLAGS("testl %k2, (%1)", "r"(window), 1), 0x000);
	eq("TEST m8, imm8", FLAGS("testb $0x51, (%1)", "r"(window), 0), 0x000);
	eq("CMP m, r: below", FLAGS("cmpl %k2, (%1)", "r"(window), MASKED | 0x52) & 0x0c1, 0x081);
	eq("CMP m, imm8: not equal", FLAGS("cmpl $0x51, (%1)", "r"(window), 0) & 0x0c1, 0x000);
	eq("CMP r, m: equal", FLAGS("cmpl (%1), %k2", "r"(window), MASKED | 0x51) & 0x0c1, 0x040);
	r = MASKED | 0xff;
	__asm__ volatile("andl (%1), %k0" : "+r"(r) : "r"(window) : "cc");
	eq("AND r, m", r, MASKED | 0x51);
	r = 0x100;
	__asm__ volatile("orl (%1), %k0" : "+r"(r) : "r"(window) : "cc");
	eq("OR r, m", r, MASKED | 0x151);
	__asm__ volatile("movb %%bl, (%0)" : : "r"(select), "b"(HIGH) : "memory");
	eq("MOV m, r8", *select, HIGH);
	*window = 0;
	__asm__ volatile("addr32 movl (%%eax), %%ebx" : "=b"(r) : "a"(window));
	eq("MOV r32, m by a 32-bit address", r, 0);
	*select = 0;
	eq("a wrong register reads ones", (*select = 0xff, *window), 0xffffffff);
	eq("between the registers", *(volatile u32 *)0xfec00030, 0);
	r = 0;
	for (int i = 0; i < 5000; i++) {
		*select = i & 0x3f;
		r += *select != (i & 0x3f);
	}
	quietly("5000 of them", r, 5000);
	static u64 m[4];
	r = TRY("addl $1, (%0)", : : "r"(window) : "memory", "cc");
	ok("what drivers do not do is refused or done, not fatal", r == GP || r == NONE);
	r = TRY("movups (%0), %%xmm0; movups %%xmm0, %1", : : "r"(window), "m"(m) : "memory");
	ok("SSE neither", r == GP || r == NONE);
}

// hole returns an address above root's memory where the machine has RAM: the
// hypervisor's own.
u64 hole(void) {
	static u64 found;
	struct entry { u64 at, size; u32 kind; } __attribute__((packed)) *e = (void *)(zero_page + 0x2d0);
	int n = *(u8 *)(zero_page + 0x1e8);
	for (int i = 0; !found && i < n; i++)
		if (e[i].kind == 2 && e[i].at >= 0x1000000 && e[i].at < 0xe0000000)
			found = (e[i].at + 0xfffff) & ~0xffful;
	return found;
}

void test_hole(void) {
	u64 at = hole(), r = 0, bad = 0, of = 0;
	ok("memory map says where memory is not ours", at != 0);
	eq("hole: 8 bits", *(volatile u8 *)at, 0xff);
	eq("hole: 16 bits", *(volatile u16 *)at, 0xffff);
	eq("hole: 32 bits", *(volatile u32 *)at, 0xffffffff);
	eq("hole: 64 bits", *(volatile u64 *)at, ~0ul);
	__asm__ volatile("movswq (%1), %0" : "=r"(r) : "r"(at));
	eq("hole: sign", r, ~0ul);
	*(volatile u64 *)at = 0;
	*(volatile u8 *)(at + 1) = 0;
	eq("hole: writes are lost", *(volatile u64 *)at, ~0ul);
	r = 5;
	__asm__ volatile("xchgq %0, (%1)" : "+r"(r) : "r"(at) : "memory");
	eq("hole: XCHG", r, ~0ul);
	for (u64 a = at; a < at + (2 << 20); a += 4096, of++) {
		*(volatile u32 *)(a + 8) = 0x12345678;
		bad += *(volatile u32 *)(a + 8) != 0xffffffff;
	}
	quietly("hole: page after page", bad, of);
	static u8 buf[64];
	u64 si = at, di = (u64)buf, cx = 16;
	r = TRY("rep movsb", : "+S"(si), "+D"(di), "+c"(cx) : : "memory");
	ok("REP MOVSB from the hole is done or refused", (r == NONE && buf[0] == 0xff && cx == 0) || r == GP);
	di = at, cx = 16;
	r = TRY("rep stosb", : "+D"(di), "+c"(cx) : "a"(0) : "memory");
	ok("REP STOSB to the hole is done or refused", r == NONE || r == GP);
	r = TRY("lock cmpxchg16b (%0)", : : "r"(at) : "memory", "cc", "rax", "rbx", "rcx", "rdx");
	ok("CMPXCHG16B of the hole is refused", r == GP);
	r = TRY("call *%0\n\tjmp 772f\n771:\n\tadd $8, %%rsp\n772:", : : "r"(at) : "memory", "cc");
	eq("code in the hole #UD", r, UD);
	eq("its RIP", last.rip, at);
	pml4[2] = at | 7;
	flush();
	r = TRY("movb (%0), %%al", : : "r"(2ul << 39 | 0x5123) : "memory", "rax");
	eq("page tables in the hole #PF", r, PF);
	eq("its error code", last.error, 9);
	eq("its address", last.cr2, 2ul << 39 | 0x5123);
	pml4[2] = 0;
	flush();
	*(volatile u32 *)0xfee00020 = 0;
	eq("no APIC page in x2APIC mode", *(volatile u32 *)0xfee00020, 0xffffffff);
}
