// A root that has the hypervisor fail for good under it, and measures what it feels.
// do=DIGITS says what happens, one after the other: 1 a microreboot, 2 a microreset,
// 3 a hot restart by the image that is its initramfs, 4 a failure inside a recovery;
// with a self check and a look at free memory after each. both=1: its second
// processor is there too, and the failures are its own in turn.
#include "../kit/kit.h"

enum { INFO = 3 | 1 << 16, CHECK = 10 | 1 << 16, RESTART = 24 | 1 << 16, RESETS = 26 | 1 << 16, INJECT = 27 | 1 << 16 };
enum { BEGIN = 1, LOAD, GO, ABORT, REPORT, PIECE = 1 << 20, DONE = 10 };
enum { FAIL = 9, REBOOT = 10, CPUID = 10 };     // abi.Slip, and the exit that faults are counted from
enum { READY = 16, RUNG_RESET = 1, RUNG_REBOOT = 2 }; // abi.InfoSpare, abi.Rung

static u64 info[128], reset[256], check[64], report[1024], order[13];

static long call(u64 word, u64 a, u64 b, u64 c, u64 d) {
	register u64 r10 __asm__("r10") = d;
	register u64 r8 __asm__("r8") = 0;
	long rax = word;
	__asm__ volatile("vmcall" : "+a"(rax), "+d"(c) : "D"(a), "S"(b), "r"(r10), "r"(r8) : "memory");
	return rax;
}

// figure prints one, for test/bench and test/system.
static void figure(const char *name, u64 which, u64 v) {
	say("FIGURE ");
	say(name);
	say(" ");
	decimal(which);
	line("", v);
}

static u64 longest[2], rounds[2];

// look notes the longest time between two looks at the clock.
static void look(u64 cpu, u64 ticks) {
	for (u64 from = rdtsc(), last = from, now; (now = rdtsc()) - from < ticks; last = now) {
		if (now - last > longest[cpu])
			longest[cpu] = now - last;
		rounds[cpu]++;
	}
}

void second(void) {
	for (;;) {
		look(1, 1 << 20);
		cpuid(0x40000002, 0);
	}
}

static u64 refresh(void) { // returns free memory
	call(INFO, (u64)info, sizeof info, 0, 0);
	return info[30];
}

static int ready(void) {
	refresh();
	return ((u32 *)info)[37] & READY ? 1 : 0;
}

// nap leaves the processor to others for a while.
static void nap(u64 ticks) {
	wrmsr(DEADLINE, rdtsc() + ticks);
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

// until waits for a standby; so long it may take.
static void until(void) {
	u64 from = rdtsc();
	while (!ready())
		if (nap(1 << 20), rdtsc() - from > 5000000000ul) {
			say("standby: FAIL: none comes\r\n");
			finish();
		}
	figure("ready", 0, rdtsc() - from);
}

static void checked(void) {
	static u64 request = 100;
	request++;
	do
		call(CHECK, request, (u64)check, sizeof check, 0);
	while ((u32)check[2] != 2 || check[1] != request);
	for (int i = 0; i < 8; i++)
		if (check[5 + 4 * i]) {
			line("standby: FAIL: check of item", i);
			line("standby: wrong", check[5 + 4 * i]);
			line("standby: first", check[6 + 4 * i]);
		}
}

// fault makes a fault and says which rung it came to, and when who went on.
static void fault(u64 kind, u64 again, u64 cpu, u64 rung) {
	u64 before = cpuid(0x40000002, 0).d;
	order[0] = sizeof order | 1ul << 32;
	order[1] = cpu;
	order[2] = kind;
	order[3] = CPUID;
	order[4] = 0;
	order[5] = 20 + 23 * (before % 16); // each one later
	order[8] = again;
	longest[0] = longest[1] = 0;
	long got = call(INJECT, 0, (u64)order, sizeof order, 0);
	if (got < 0)
		line("standby: FAIL: not injected:", -got);
	while (cpuid(0x40000002, 0).d == before)
		look(0, 10000);
	look(0, 4000000);
	call(RESETS, 0, (u64)reset, sizeof reset, 0);
	figure("rung", 0, (u32)(reset[2] >> 32));
	figure("reason", 0, (u32)reset[3]);
	for (u64 i = 0; i < processors(); i++)
		figure("back", i, reset[103 + i] > reset[5] ? reset[103 + i] - reset[5] : 0);
	for (u64 i = 0; i < 2; i++)
		figure("gap", i, longest[i]);
	if ((u32)(reset[2] >> 32) != rung)
		say("standby: FAIL: another rung\r\n");
}

static void restarted(void) {
	u64 image = *(u32 *)(boot_info + 0x218), size = *(u32 *)(boot_info + 0x21c);
	long got = call(RESTART, BEGIN, size, 1, 0);
	line(got < 0 ? "standby: FAIL: not begun:" : "standby: hot restart", got < 0 ? -got : got);
	for (u64 off = 0; off < size; off += PIECE)
		call(RESTART, LOAD, off, image + off, size - off < PIECE ? size - off : PIECE);
	call(RESTART, GO, 0, 0, 0);
	do
		nap(1 << 20), call(RESTART, REPORT, (u64)report, sizeof report, 0);
	while (report[2] < DONE);
	if (report[2] != DONE)
		line("standby: FAIL: hot restart over in phase", report[2]);
}

void guest(void) {
	begin();
	traps(0);
	wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
	wrmsr(SVR, 0x1ff);
	wrmsr(LVT_TIMER, 0x40 | 2 << 17); // TSC deadline
	int both = number("both", 0) && processors() > 1;
	if (both)
		start_second();
	until();
	u64 free = refresh(), what = number("do", 1), digit = 1, n = 0;
	line("standby: free", free);
	while (what / digit >= 10)
		digit *= 10;
	for (; digit; digit /= 10, n++) {
		u64 now = what / digit % 10, cpu = both ? n & 1 : 0;
		line("standby: now", now);
		switch (now) {
		case 1: fault(REBOOT, 0, cpu, RUNG_REBOOT); break;
		case 2: fault(FAIL, 0, cpu, RUNG_RESET); break;
		case 3: restarted(); break;
		case 4: fault(FAIL, 200, cpu, RUNG_REBOOT); break;
		}
		until();
		checked();
		if (refresh() != free)
			line("standby: FAIL: free memory is", refresh());
	}
	figure("resets", 0, cpuid(0x40000002, 0).d);
	figure("generation", 0, cpuid(0x40000002, 0).c);
	say("RESULT: over\r\n");
	finish();
}
