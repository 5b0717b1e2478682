// What the second processor does meanwhile: it changes what the devices read, or
// sits in an endless loop of exceptions until it is sent INIT.
#include "hostile.h"

volatile u64 second_does, second_runs, second_ready;
static struct gate idt2[256] __attribute__((aligned(16)));

// scribble changes words of rings, tables and data.
static void scribble(void) {
	for (u64 n = 100; n; n--) {
		volatile u64 *at = (u64 *)ring_word();
		switch (below(4)) {
		case 0: *at = *at ^ 1ul << below(64); break;
		case 1: *at = address(); break;
		case 2: *at = wild(); break;
		case 3: *at = *at + 0x10000; break;
		}
		if (once_in(64))
			shuffle(1);
	}
}

static void others(void) {
	static const u32 modes[] = {0x4031, 0x4062, 0x44000 | 0x31, 0x4400, 0xc4000 | 0x32, 0x84000 | 0x33, 0x4100 | 0x34};
	for (u64 n = below(8); n; n--)
		wrmsr(ICR, below(2) << 32 | modes[below(sizeof modes / sizeof *modes)]);
	cpuid(any(), any());
	vmcall(below(30) | 1 << 16, 0, play(), 0);
}

static void burst(void *arg) {
	(void)arg;
	scribble();
	others();
}

// await waits for an interrupt, which may have the vector of an exception.
static void await(void *arg) {
	(void)arg;
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

// storm_db: a data breakpoint on the stack that #DB itself uses.
static void storm_db(void *arg) {
	static u64 stack[512];
	(void)arg;
	*(u64 *)(tss[1] + 36) = (u64)(stack + 512); // IST1
	second_ready = 0;
	set_gate(&idt2[DB], (u64)stubs + 16 * DB, CODE, 0, 1);
	WRITE_DR(0, (u64)(stack + 511));
	WRITE_DR(7, 0x000d0402);
	__asm__ volatile(".byte 0xf1");
}

// storm_ac: in ring 3 the handler of #AC meets #AC at once.
u8 storm_page[4096] __attribute__((aligned(4096)));

static void storm_ac(void *arg) {
	(void)arg;
	static const u8 code[] = {0x9c, 0x81, 0x0c, 0x24, 0, 0, 4, 0, 0x9d, 0x48, 0x83, 0xcc, 0x01, 0x6a, 0x01, 0xeb, 0xfe};
	static u64 regs[15];
	for (u64 i = 0; i < sizeof code; i++)
		storm_page[i] = code[i];
	u64 at = (6ul << 39) + STORM_PAGE * 4096;
	set_gate(&idt2[AC], at, USER_CODE, 3, 0);
	WRITE_CR(0, READ_CR(0) | 1 << 18);
	user(regs, at, at + 2048, 0x202);
}

void second(void) {
	saved[1] = 0; // INIT may have come in the middle of anything
	second_runs++;
	for (u64 i = 0; i < 256; i++)
		idt2[i] = idt[i];
	traps(1);
	load_idt(idt2);
	second_ready = 1;
	wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
	wrmsr(SVR, 0x1ff);
	switch (second_does) {
	case STORM_DB: guarded(storm_db, 0); break;
	case STORM_AC: guarded(storm_ac, 0); break;
	case SPIN:
		for (;;)
			;
	}
	for (;;) {
		guarded(await, 0);
		guarded(burst, 0);
	}
}

// op_second starts the second processor anew, for something else.
void op_second(void) {
	if (!both)
		return;
	fix_apic();
	second_ready = 0;
	second_does = once_in(6) ? STORM_DB + below(3) : SCRIBBLE;
	start_second();
}
