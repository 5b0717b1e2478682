// Control registers.
#include "guest.h"

enum { WP = 1 << 16, NW = 1 << 29, CD = 1 << 30, NE = 1 << 5 };

static u64 try_cr0(u64 v) { return TRY("mov %0, %%cr0", : : "r"(v) : "memory"); }
static u64 try_cr4(u64 v) { return TRY("mov %0, %%cr4", : : "r"(v) : "memory"); }
static u64 try_xcr(u32 n, u64 v) { return TRY("xsetbv", : : "c"(n), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }

static u64 xcr0(void) {
	u32 a, d;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return a | (u64)d << 32;
}

void test_cr(void) {
	u64 c = READ_CR(0);
	eq("CR0.CD on", (try_cr0(c | CD), READ_CR(0)), c | CD);
	eq("CR0.CD NW on", (try_cr0(c | CD | NW), READ_CR(0)), c | CD | NW);
	eq("CR0.NW without CD #GP", try_cr0(c | NW), GP);
	eq("CR0.CD stayed", READ_CR(0), c | CD | NW);
	eq("CR0.CD off", (try_cr0(c), READ_CR(0)), c);
	eq("CR0.NE off", (try_cr0(c & ~NE), READ_CR(0)), c & ~NE);
	eq("CR0.NE on", (try_cr0(c | NE), READ_CR(0)), c | NE);
	eq("CR0.WP off", (try_cr0(c & ~WP), READ_CR(0)), c & ~WP);
	eq("CR0.WP CD", (try_cr0(c | WP | CD), READ_CR(0)), c | WP | CD);
	eq("CR0.PE off #GP", try_cr0(c & ~1ul), GP);
	eq("CR0.PE off with CD #GP", try_cr0((c & ~1ul) | CD), GP);
	eq("CR0.PG off in 64-bit mode #GP", try_cr0(c & ~(1ul << 31)), GP);
	eq("CR0.PG off in 64-bit mode with NE #GP", try_cr0((c & ~(1ul << 31)) ^ NE), GP);
	eq("CR0.PG PE off in 64-bit mode with NE #GP", try_cr0((c & ~(1ul << 31 | 1)) ^ NE), GP);
	eq("CR0 bit 32 #GP", try_cr0(c | 1ul << 32), GP);
	eq("CR0 bit 32 with CD #GP", try_cr0(c | 1ul << 32 | CD), GP);
	eq("CR0 reserved bits with CD are ignored", (try_cr0(c | CD | 1 << 6 | 1 << 28), READ_CR(0) & ~WP), (c | CD) & ~WP);
	try_cr0(c);
	__asm__ volatile("lmsw %w0" : : "r"(c | 8));
	eq("LMSW TS", READ_CR(0) & 8, 8);
	__asm__ volatile("clts");
	eq("CLTS", READ_CR(0), c);
	__asm__ volatile("lmsw %w0" : : "r"(0x20));
	eq("LMSW leaves PE and NE", READ_CR(0) & 0x2f, (c & 0x21));
	try_cr0(c);
	u64 sw;
	__asm__ volatile("smsw %0" : "=r"(sw));
	eq("SMSW", sw & 0xffff, c & 0xffff);

	u64 d = READ_CR(4);
	static const u8 refused[] = {13, 14, 12, 15, 19, 23, 24, 25, 26, 31, 32, 63};
	u64 bad = 0;
	for (u64 i = 0; i < sizeof refused; i++)
		bad |= (u64)(try_cr4(d | 1ul << refused[i]) != GP) << refused[i];
	eq("CR4 refuses VMXE, SMXE, LA57 and what is reserved", bad, 0);
	eq("CR4 without PAE #GP", try_cr4(d & ~0x20ul), GP);
	eq("CR4 stayed", READ_CR(4), d);
	eq("CR4 PGE, PCE, OSFXSR", (try_cr4(d | 0x380), READ_CR(4)), d | 0x380);
	eq("CR4 PCIDE", (try_cr4(d | 1 << 17), READ_CR(4)), d | 1 << 17);
	try_cr4(d);
	eq("CR3 reserved #GP", TRY("mov %0, %%cr3", : : "r"(1ul << 52) : "memory"), GP);

	eq("CR8 5", (({ WRITE_CR(8, 5); }), READ_CR(8)), 5);
	eq("TPR is CR8's", rdmsr(TPR), 0x50);
	wrmsr(TPR, 0x9f);
	eq("CR8 is TPR's", READ_CR(8), 9);
	eq("CR8 16 #GP", TRY("mov %0, %%cr8", : : "r"(16ul) : "memory"), GP);
	u64 r;
	__asm__ volatile("mov $-1, %%r11; mov %%cr8, %%r11; mov %%r11, %0" : "=r"(r) : : "r11");
	eq("CR8 into R11", r, 9);
	wrmsr(TPR, 0);

	u64 all = cpuid(0xd, 0).a;
	eq("XSETBV all", try_xcr(0, all), NONE);
	eq("XGETBV all", xcr0(), all);
	eq("XSETBV 0 #GP", try_xcr(0, 0), GP);
	eq("XSETBV AVX without SSE #GP", try_xcr(0, 5), GP);
	eq("XSETBV half of AVX-512 #GP", try_xcr(0, 0x27), GP);
	eq("XSETBV AVX-512 without AVX #GP", try_xcr(0, 0xe3), GP);
	eq("XSETBV of what is not there #GP", try_xcr(0, all | 1 << 18), GP);
	eq("XSETBV bit 63 #GP", try_xcr(0, all | 1ul << 63), GP);
	eq("XSETBV of XCR1 #GP", try_xcr(1, 1), GP);
	eq("XCR0 stayed", xcr0(), all);
	eq("XSETBV 1", (try_xcr(0, 1), xcr0()), 1);
	eq("cpuid 0xd sizes follow XCR0", cpuid(0xd, 0).b, 576);
	try_xcr(0, all);
	try_cr4(d & ~(1ul << 18));
	eq("XSETBV without OSXSAVE #UD", try_xcr(0, 1), UD);
	try_cr4(d);
}
