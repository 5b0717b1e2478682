// Ring 3: what it may not do, and the hypercall port.
#include "guest.h"

static u64 null_out(void) {
	u64 a = 1 << 16 | 1, d = 0xf50, b = 0x77;
	u64 v = TRY("outl %%eax, %%dx", : "+a"(a), "+d"(d), "+b"(b) : : "memory");
	user_saw[1] = a;
	user_saw[2] = b;
	return v;
}

static void without(void) {
	user_saw[0] = null_out();
	user_saw[3] = TRY("inb %%dx, %%al", : : "d"(0x3fd) : "rax");
	user_saw[4] = TRY("rep outsb", : : "d"(0x3ff), "S"(0x1000000ul), "c"(1ul) : "memory");
	__asm__ volatile("int $0x80");
}

static void with(void) {
	static char buf[256];
	user_saw[0] = null_out();
	user_saw[3] = user_saw[1];
	register u64 r10 __asm__("r10") = 0;
	u64 a = 1 << 16 | 3, d = 0xf50;
	__asm__ volatile("outl %%eax, %%dx" : "+a"(a), "+r"(r10), "+d"(d) : "D"(buf), "S"(sizeof buf), "b"(0) : "memory");
	user_saw[4] = a;
	a = 1 << 16 | 3, d = 0xf50;
	__asm__ volatile("outl %%eax, %%dx" : "+a"(a), "+r"(r10), "+d"(d) : "D"(spare[7 * 512]), "S"(sizeof buf), "b"(0) : "memory");
	user_saw[5] = a;
	__asm__ volatile("int $0x80");
}

static void others(void) {
	u64 a = 1 << 16 | 1;
	u64 v = TRY("vmcall", : "+a"(a) : : "rdx", "memory");
	user_saw[0] = v;
	user_saw[1] = a;
	u32 x, y;
	u64 bad = 0;
	bad |= (TRY("rdmsr", : "=a"(x), "=d"(y) : "c"(0x10)) != GP) << 0;
	bad |= (TRY("mov %%cr8, %%rax", : : : "rax") != GP) << 1;
	bad |= (TRY("hlt", : : : "memory") != GP) << 2;
	bad |= (TRY("wbinvd", : : : "memory") != GP) << 3;
	bad |= (TRY("xsetbv", : : "a"(7), "d"(0), "c"(0)) != GP) << 4;
	bad |= (TRY("rdpmc", : "=a"(x), "=d"(y) : "c"(0)) != GP) << 5;
	bad |= (TRY("invd", : : : "memory") != GP) << 6;
	user_saw[2] = bad;
	bad = 0;
	bad |= (TRY("vmread %%rax, %%rax", : : : "rax", "cc") != UD) << 0;
	bad |= (TRY("vmxoff", : : : "cc") != UD) << 1;
	bad |= (TRY("vmlaunch", : : : "cc") != UD) << 2;
	bad |= (TRY("monitor", : : "a"(0x1000000ul), "c"(0), "d"(0)) != UD) << 3;
	bad |= (TRY("vmfunc", : : "a"(0), "c"(0)) != UD) << 4;
	user_saw[3] = bad;
	__asm__ volatile("cpuid" : "=a"(x) : "a"(0x40000001) : "rbx", "rcx", "rdx");
	user_saw[4] = x;
	__asm__ volatile("int $0x80");
}

void test_user(void) {
	run_user(without);
	eq("OUT of the port from ring 3 without permission #GP", user_saw[0], GP);
	eq("  nothing happened", user_saw[1], 1 << 16 | 1);
	eq("IN of the UART from ring 3 #GP", user_saw[3], GP);
	eq("OUTSB to the UART from ring 3 #GP", user_saw[4], GP);
	u8 *map = tss + 104;
	map[0xf50 / 8] &= ~0x0f; // ports f50 to f53
	// A page that is ring 0's.
	u64 *pt = spare, *d = spare + 512, *p = spare + 1024;
	p[0] = (u64)d | 7;
	d[0] = (u64)pt | 7;
	pml4[1] = (u64)p | 7;
	pt[2] = (u64)(spare + 6 * 512) | 3;
	spare[7 * 512] = 1ul << 39 | 2 << 12;
	flush();
	run_user(with);
	eq("OUT with permission", user_saw[0], NONE);
	eq("  answers 0", user_saw[3], 0);
	eq("  keeps RBX", user_saw[2], 0x77);
	ok("  info", user_saw[4] >= 64 && user_saw[4] <= 256);
	eq("  not into a page of ring 0", user_saw[5], -14);
	map[0xf50 / 8] = 0xff;
	run_user(others);
	eq("VMCALL from ring 3 is answered", user_saw[0], NONE);
	eq("  by a refusal", user_saw[1], -1);
	eq("ring 3 #GP", user_saw[2], 0);
	eq("ring 3 #UD", user_saw[3], 0);
	eq("CPUID from ring 3", user_saw[4], 0x31647250);
}
