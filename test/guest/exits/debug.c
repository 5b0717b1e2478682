// Single steps and breakpoints across exits, and exceptions whose delivery
// meets the same exception again.
#include "guest.h"

static volatile u64 steps, step_rip[16], dr6[16];

static void count(struct frame *f) {
	if (steps < 16) {
		step_rip[steps] = f->rip;
		dr6[steps] = READ_DR(6);
	}
	steps++;
	WRITE_DR(6, 0xffff0ff0);
}

// STEP runs code with TF set from its first instruction on, and clears TF; each
// step's RIP and DR6 are noted.
#define STEP(code, ...) do { steps = 0; __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; 1: " code "; 2: pushfq; andq $~0x100, (%%rsp); popfq; nop" __VA_ARGS__); } while (0)

static void stepped(const char *name, u64 n) {
	eq(name, steps, n + 3);
	u64 bad = 0;
	for (u64 i = 0; i < steps && i < 16; i++)
		bad += !(dr6[i] & 0x4000);
	eq("  each with BS", bad, 0);
}

void test_debug(void) {
	handlers[DB] = count;
	WRITE_DR(6, 0xffff0ff0);
	// POPFQ that clears TF traps no more; PUSHFQ, ANDQ and it do before.
	STEP("nop", : : : "memory", "cc");
	stepped("TF over NOP", 1);
	STEP("cpuid", : : "a"(0), "c"(0) : "rbx", "rdx", "memory", "cc");
	stepped("TF over CPUID", 1);
	eq("  right behind it", step_rip[1] - step_rip[0], 1);
	STEP("out %%al, $0x21", : : "a"(0xff) : "memory", "cc");
	stepped("TF over OUT", 1);
	STEP("rdmsr; cpuid; nop", : "=a"((int){0}) : "c"(0x1a0) : "rbx", "rdx", "memory", "cc");
	stepped("TF over RDMSR CPUID NOP", 3);
	STEP("vmcall", : : "a"(1 << 16 | 1) : "rdx", "memory", "cc");
	stepped("TF over VMCALL", 1);
	STEP("vmcall", : : "a"(1 << 16 | 5), "D"(0), "S"((u64)spare), "d"(0) : "memory", "cc");
	stepped("TF over a long VMCALL", 1);
	STEP("movl (%%rax), %%ecx", : : "a"(0xfec00000ul) : "rcx", "memory", "cc");
	stepped("TF over MMIO", 1);
	STEP("mov %%rax, %%cr8", : : "a"(0ul) : "memory", "cc");
	stepped("TF over MOV CR8", 1);
	STEP("mov %%ss, %%ecx; mov %%ecx, %%ss; cpuid", : : "a"(0) : "rbx", "rcx", "rdx", "memory", "cc");
	stepped("TF over MOV SS CPUID", 2);
	STEP("sti; cpuid; cli", : : "a"(0) : "rbx", "rcx", "rdx", "memory", "cc");
	stepped("TF over STI CPUID CLI", 3);
	u64 cx = 3, si = (u64)spare;
	STEP("rep outsb", : "+c"(cx), "+S"(si) : "d"(0x3f8 + 7) : "memory", "cc");
	stepped("TF over REP OUTSB of 3", 3);
	u64 before = irqs[0x47];
	STEP("wrmsr; nop", : : "c"(SELF), "a"(0x47), "d"(0) : "memory", "cc");
	stepped("TF over a self-IPI", 2);
	__asm__ volatile("sti; nop; cli");
	eq("  which comes", irqs[0x47], before + 1);
	// Single steps by branches only.
	wrmsr(0x1d9, 2);
	STEP("cpuid; jmp 3f; 3: nop", : : "a"(0) : "rbx", "rcx", "rdx", "memory", "cc");
	ok("BTF: CPUID does not trap", steps >= 1 && step_rip[0] - 2 > 0);
	wrmsr(0x1d9, 0);

	static volatile u64 watched;
	WRITE_DR(0, (u64)&watched);
	WRITE_DR(7, 0x000d0402); // global 0: writes of 4 bytes
	for (int i = 0; i < 100; i++)
		cpuid(0, 0);
	eq("DR7 survives exits", READ_DR(7), 0xd0402);
	eq("DR0 survives exits", READ_DR(0), (u64)&watched);
	steps = 0;
	watched = 1;
	eq("data breakpoint", steps, 1);
	eq("  DR6", dr6[0] & 0xf, 1);
	extern char probed[];
	WRITE_DR(1, (u64)probed);
	WRITE_DR(7, 0x0408); // global 1: execution
	steps = 0;
	handlers[DB] = 0;
	u64 v = TRY("probed: cpuid", : : "a"(0) : "rbx", "rcx", "rdx", "memory");
	eq("instruction breakpoint on CPUID", v, DB);
	eq("  before it", last.rip, (u64)probed);
	WRITE_DR(7, 0x2400); // general detect
	v = TRY("mov %%db0, %%rax", : : : "rax");
	eq("general detect", v, DB);
	eq("  clears GD", READ_DR(7), 0x400);
	eq("  BD", READ_DR(6) & 0x2000, 0x2000);
	WRITE_DR(6, 0xffff0ff0);
	v = TRY(".byte 0xf1; 773:", : : : "memory");
	eq("INT1", v, DB);
	WRITE_DR(7, 0x400);
	handlers[DB] = count;
	steps = 0;
	__asm__ volatile(".byte 0xf1");
	eq("INT1 once, behind it", steps, 1);
	u64 bp = TRY("int3", : : : "memory");
	eq("INT3", bp, BP);
}

// In ring 3 with a gate to ring 3, the handler of #AC meets #AC at once; only an
// interrupt gets out of it.
static void storm_ac(void) {
	__asm__ volatile("lea user_stack_top-256(%rip), %rsp; pushfq; orq $0x40000, (%rsp); popfq; or $1, %rsp; pushq $1");
	for (;;)
		;
}

static volatile u64 ticks;

static void enough(struct frame *f) {
	wrmsr(EOI, 0);
	if (++ticks < 3)
		wrmsr(DEADLINE, rdtsc() + 100000);
	else
		handlers[0x80](f);
}

void test_storm(void) {
	// A data breakpoint on the stack that #DB itself uses.
	u64 at;
	__asm__ volatile("mov %%rsp, %0" : "=r"(at));
	at = (at & ~15ul) - 512;
	steps = 0;
	handlers[DB] = count;
	WRITE_DR(0, at - 24);
	WRITE_DR(7, 0x000d0402);
	__asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; pushq $1; pushq $2; pushq $3; mov %%rbx, %%rsp" : : "r"(at) : "rbx", "memory");
	WRITE_DR(7, 0x400);
	ok("#DB on the stack of #DB comes to an end", steps >= 1 && steps < 1000);

	WRITE_CR(0, READ_CR(0) | 1 << 18); // AM
	handlers[0x48] = enough;
	gate(AC, (u64)storm_ac, 0x2b, 3);
	wrmsr(LVT_TIMER, 2 << 17 | 0x48);
	wrmsr(DEADLINE, rdtsc() + 100000);
	run_user(storm_ac);
	gate(AC, (u64)stubs + 16 * AC, 8, 0);
	handlers[0x48] = interrupt;
	WRITE_CR(0, READ_CR(0) & ~(1ul << 18));
	eq("#AC without end is left by an interrupt", ticks, 3);
}
