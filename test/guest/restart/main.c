// A root that has the hypervisor replaced under it, and measures what it feels. Its
// initramfs is the image. On the command line: times=N restarts, one after the
// other (1); flags=N of abi.RestartBegin; both=1: its second processor measures too;
// split=N: the initramfs is two images, the second one from byte N on, which take
// turns; quiet=1: each restart in one line; budget=N: most instructions of blackout;
// weight=N: the new instance's share of the processors; idle=N: of each million
// ticks so many are slept through, and a timer that is late counts as a gap.
#include "../kit/kit.h"

enum { CALL = 24 | 1 << 16, BEGIN = 1, LOAD, GO, ABORT, REPORT };
enum { PIECE = 1 << 20, HANDED = 7, DONE = 10 };

// Words of abi.Restart that are looked at; partition/abi/words_test.go compares.
enum { PHASE = 2, AT = 3, RESIDUE = 52, PREDICTED = 53, BLACKOUT = 55, VMXOPS = 56, CONVERTING = 57, HELD = 58, MIRRORED = 59, FREE_BEFORE = 62, FREE_AFTER = 63, CPU = 64, RECORD = 1024 };
static u64 report[RECORD];
static u64 quiet, idle;

static u64 weight;

static long call(u64 op, u64 a, u64 b, u64 c) {
	register u64 r10 __asm__("r10") = c;
	register u64 r8 __asm__("r8") = op == BEGIN ? weight : 0;
	long rax = CALL;
	__asm__ volatile("vmcall" : "+a"(rax), "+d"(b) : "D"(op), "S"(a), "r"(r10), "r"(r8) : "memory");
	return rax;
}

// The longest time between two looks at the clock, by processor.
static volatile u64 longest[2], looks[2];

static void look(int cpu, u64 ticks) {
	for (u64 from = rdtsc(), last = from, now; (now = rdtsc()) - from < ticks; last = now) {
		if (now - last > longest[cpu])
			longest[cpu] = now - last;
		looks[cpu]++;
	}
}

static volatile u64 woken;

static void on_timer(struct frame *f) {
	(void)f;
	wrmsr(EOI, 0);
	woken = 1;
}

static void nap(u64 ticks) {
	u64 due = rdtsc() + ticks, late;
	woken = 0;
	wrmsr(DEADLINE, due);
	while (!woken)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	late = rdtsc() - due;
	if (late > longest[0])
		longest[0] = late;
}

void second(void) {
	for (;;)
		look(1, 1ul << 40);
}

// others has the further processors go round in real mode: one that sleeps makes the
// emulator's clock, an average of all, run ahead of what the others do.
static void others(void) {
	u8 *at = (u8 *)0x9000;
	at[0] = 0xeb, at[1] = 0xfe; // jmp to itself
	for (u64 id = 2; id < processors(); id++)
		start_at(id, 9);
}

// figure prints one for test/bench; several of a name are told apart by which.
static void figure(const char *name, u64 which, u64 v) {
	say("FIGURE ");
	say(name);
	say(" ");
	decimal(which);
	line("", v);
}

static void once(u64 image, u64 size, u64 flags) {
	u64 begun = rdtsc();
	long got = call(BEGIN, size, flags, number("budget", 0));
	if (!quiet || got < 0)
		line(got < 0 ? "restart: FAIL: not begun:" : "restart: begun, number", got < 0 ? -got : got);
	if (got < 0)
		finish();
	for (u64 off = 0; off < size; off += PIECE) {
		u64 k = size - off < PIECE ? size - off : PIECE;
		got = call(LOAD, off, image + off, k);
		if (got != (long)k) {
			line("restart: FAIL: a piece was refused:", -got);
			finish();
		}
	}
	u64 phase = 0, gap = 0, all = 0, slow = rdtsc();
	call(GO, 0, 0, 0);
	slow = rdtsc() - slow;
	do {
		longest[0] = longest[1] = 0;
		look(0, 1000000 - idle);
		if (idle)
			nap(idle);
		u64 asked = rdtsc();
		call(REPORT, (u64)report, sizeof report, 0);
		asked = rdtsc() - asked;
		slow = asked > slow ? asked : slow;
		for (int i = 0; i < 2; i++)
			all = longest[i] > all ? longest[i] : all;
		if (report[PHASE] != phase) {
			phase = report[PHASE];
			if (!quiet) {
				line("restart: phase", phase);
				line("restart: longest gap of the first", longest[0]);
				line("restart: longest gap of the second", longest[1]);
			}
		}
		if (phase >= HANDED && phase < DONE)
			for (int i = 0; i < 2; i++)
				gap = longest[i] > gap ? longest[i] : gap;
	} while (phase < DONE);
	if (phase != DONE)
		line("restart: FAIL: over in phase", phase);
	if (report[FREE_AFTER] != report[FREE_BEFORE])
		line("restart: FAIL: free memory that is gone:", report[FREE_BEFORE] - report[FREE_AFTER]);
	u64 *c = report + CPU;
	if (quiet) {
		say("restart ");
		decimal(cpuid(0x40000002, 0).c);
		say(": free ");
		decimal(report[FREE_AFTER]);
		say(", blackout ");
		decimal(report[BLACKOUT]);
		say(", longest gap from the handoff on ");
		decimal(gap);
		say(", and in all ");
		decimal(all);
		line(", longest call", slow);
		return;
	}
	for (u64 i = 0; i < processors(); i++, c += 4) {
		figure("meet", i, c[1] - c[0]);
		figure("stand", i, c[2] ? c[2] - c[0] : 0);
		figure("flip", i, c[3]);
	}
	figure("vmxops", 0, report[VMXOPS]);
	figure("predicted", 0, report[PREDICTED]);
	figure("blackout", 0, report[BLACKOUT]);
	figure("residue", 0, report[RESIDUE]);
	figure("converting", 0, report[CONVERTING]);
	figure("held", 0, report[HELD]);
	figure("mirrored", 0, report[MIRRORED]);
	figure("gap", 0, gap);
	figure("gap_all", 0, all);
	figure("slow_call", 0, slow);
	for (u64 i = AT + 1; i < AT + 11; i++)
		figure("phase", i - AT, report[i] ? report[i] - report[AT + 1] : 0);
	figure("total", 0, rdtsc() - begun);
	figure("generation", 0, cpuid(0x40000002, 0).c);
}

void guest(void) {
	begin();
	traps(0);
	u64 image = *(u32 *)(boot_info + 0x218), size = *(u32 *)(boot_info + 0x21c);
	line("restart: an image of bytes", size);
	if (number("both", 0) && processors() > 1) {
		wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
		start_second();
		others();
	}
	quiet = number("quiet", 0);
	weight = number("weight", 0);
	idle = number("idle", 0);
	if (idle) {
		handlers[0x60] = on_timer;
		wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
		wrmsr(SVR, 0x1ff);
		wrmsr(LVT_TIMER, 2 << 17 | 0x60);
	}
	for (u64 n = 0, split = number("split", 0), times = number("times", 1); n < times; n++)
		if (split && n % 2)
			once(image + split, size - split, number("flags", 0));
		else
			once(image, split ? split : size, number("flags", 0));
	say("RESULT: over\r\n");
	finish();
}
