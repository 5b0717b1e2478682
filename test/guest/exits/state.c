// What the processor holds besides, over a hundred thousand exits.
#include "guest.h"

enum { AREA = 4096 };
static u8 pattern[AREA] __attribute__((aligned(64))), before[AREA] __attribute__((aligned(64))), after[AREA] __attribute__((aligned(64)));

static void xsave(u8 *to) { __asm__ volatile("xsave64 %0" : "+m"(*(u8(*)[AREA])to) : "a"(-1), "d"(-1) : "memory"); }
static void xrstor(u8 *from) { __asm__ volatile("xrstor64 %0" : : "m"(*(u8(*)[AREA])from), "a"(-1), "d"(-1) : "memory"); }

// registers has every general register that an exit may not touch hold a word
// of its own, over four kinds of exits, and returns how many were changed.
static u64 registers(void) {
	u64 bad = 0;
	__asm__ volatile("push %%rbp\n\t"
		"mov $0x1111111111111111, %%rbx; mov $0x2222222222222222, %%rsi; mov $0x3333333333333333, %%rdi; mov $0x4444444444444444, %%rbp\n\t"
		"mov $0x5555555555555555, %%r8; mov $0x6666666666666666, %%r9; mov $0x7777777777777777, %%r10; mov $0x8888888888888888, %%r11\n\t"
		"mov $0x9999999999999999, %%r12; mov $0xaaaaaaaaaaaaaaaa, %%r13; mov $0xbbbbbbbbbbbbbbbb, %%r14; mov $0xcccccccccccccccc, %%r15\n\t"
		"mov $0xff, %%eax; out %%al, $0x21; in $0x21, %%al; mov $0x1a0, %%ecx; rdmsr; mov $0x10001, %%eax; vmcall; mov $0xfec00000, %%eax; mov (%%rax), %%ecx; xor %%eax, %%eax; mov %%rax, %%cr8\n\t"
		"add %%rsi, %%rbx; add %%rdi, %%rbx; add %%rbp, %%rbx; add %%r8, %%rbx; add %%r9, %%rbx; add %%r10, %%rbx; add %%r11, %%rbx; add %%r12, %%rbx; add %%r13, %%rbx; add %%r14, %%rbx; add %%r15, %%rbx\n\t"
		"pop %%rbp; mov %%rbx, %0"
		: "=a"(bad) : : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	u64 sum = 0;
	for (u64 i = 1; i <= 12; i++)
		sum += i * 0x1111111111111111;
	return bad != sum;
}

void test_state(void) {
	u64 seed = 1, bad = 0;
	for (int i = 0; i < AREA; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		pattern[i] = seed >> 56;
	}
	for (int i = 0; i < 512 + 64; i++)
		if (i < 32 || i >= 416)
			pattern[i] = 0;
	*(u16 *)pattern = 0x27f;           // FCW
	*(u16 *)(pattern + 2) = 0x3800;    // FSW: TOP 7
	pattern[4] = 0xff;                 // all registers in use
	*(u32 *)(pattern + 24) = 0x7f80;   // MXCSR: another rounding
	*(u64 *)(pattern + 512) = cpuid(0xd, 0).a & 0xe7; // without PKRU, whose upper half is reserved
	wrmsr(LVT_TIMER, 2 << 17 | 0x49);
	xrstor(pattern);
	xsave(before);
	u64 regs = 0;
	for (int i = 0; i < 10000; i++) {
		cpuid(i & 7, 0);
		rdmsr(0x1a0);
		regs += registers();
		wrmsr(SELF, 0x49);
		__asm__ volatile("sti; nop; cli");
		if (i % 64 == 0)
			call(1 << 16 | 5, 0, (u64)spare, 256);
		if (i % 256 == 0) {
			wrmsr(DEADLINE, rdtsc() + 20000);
			__asm__ volatile("sti; hlt; cli");
		}
		if (i % 100 == 0)
			TRY("vmxoff", : : : "cc");
	}
	xsave(after);
	for (int i = 0; i < AREA; i++)
		bad += before[i] != after[i];
	u32 one = 0x1f80;
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(one));
	ok("the state was another one than at reset", *(u32 *)(before + 24) == 0x7f80 && before[2] == 0 && before[3] == 0x38 && before[700] == pattern[700]);
	quietly("x87, SSE, AVX, AVX-512 over 100000 exits", bad, AREA);
	quietly("general registers over them", regs, 10000);
	// XSAVES and what it needs are there if CPUID says so.
	if (cpuid(0xd, 1).a & 8)
		eq("XSAVES", TRY("xsaves64 %0", : "+m"(after) : "a"(7), "d"(0) : "memory"), NONE);
}
