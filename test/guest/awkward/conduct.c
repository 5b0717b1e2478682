// What root does to all of them. Its initramfs is a few images of the hypervisor:
// how many, where each begins and how long it is, in words of 64 bits; the first one
// is that which runs, and can make faults of its own.
#include "root.h"

enum { PIECE = 1 << 20 };
static u64 *images;

static void restart(u64 which, u64 flags) {
	static u64 r[RESTART + 1];
	u64 at = (u64)images + images[1 + 2 * which], size = images[2 + 2 * which];
	while (restart_call(BEGIN, size, flags, 0) < 0)
		nap();
	for (u64 off = 0; off < size; off += PIECE)
		restart_call(LOAD, off, at + off, size - off < PIECE ? size - off : PIECE);
	restart_call(GO, 0, 0, 0);
	do {
		for (int i = 0; i < 3; i++)
			nap();
		come_and_go();
		restart_call(REPORT, (u64)r, RESTART * 8, 0);
	} while (r[RESTART_PHASE] < PHASE_DONE);
	say(r[RESTART_PHASE] == PHASE_DONE ? "RESTART image " : "FAIL image ");
	decimal(which);
	say(" flags ");
	decimal(flags);
	line(" phase", r[RESTART_PHASE]);
	if (r[RESTART_PHASE] != PHASE_DONE) {
		say((char *)(r + RESTART_REASON));
		say("\r\n");
	}
}

static u64 chance;

static u64 below(u64 n) {
	chance = chance * 6364136223846793005 + 1442695040888963407;
	return (chance >> 33) % n;
}

// fault has one made a few instructions after an exit, and reports whether it was.
static int fault(u64 kind, u64 reason) {
	static u64 turn, order[INJECTION];
	u64 until = rdtsc() + 300ul * cpuid(0x40000010, 0).a, cpu = turn++ % processors();
	zeros(order, sizeof order);
	order[0] = sizeof order | 1ul << 32;
	order[INJECTION_PROCESSOR] = cpu;
	inject(1, order);
	u64 made = order[INJECTION_COUNT];
	order[INJECTION_KIND] = kind;
	order[INJECTION_REASON] = reason;
	order[INJECTION_SKIP] = below(16);
	order[INJECTION_STEPS] = 1 + below(160);
	if (inject(0, order) < 0)
		say("FAIL: no fault can be made\r\n");
	do {
		nap();
		inject(1, order);
	} while (order[INJECTION_COUNT] == made && rdtsc() < until);
	if (order[INJECTION_COUNT] != made)
		return 1;
	order[INJECTION_STEPS] = 0;
	inject(0, order);
	return 0;
}

// What an exit of a guest's is dropped in the middle of.
static const struct { const char *name; u8 exit; } moments[] = {
	{"step", 0}, {"sti", 10}, {"sti", 12}, {"movss", 32}, {"halt", 12}, {"nmi", 8}, {"flood", 30}, {"net", 48},
};

// fail has faults made until each of the moments was met.
static void fail(void) {
	static u64 r[RESET];
	for (u64 i = 0; i < sizeof moments / sizeof *moments; i++) {
		u64 tries = 0, met = 0;
		for (; tries < 60 && !met; tries++) {
			for (int k = 0; k < 100; k++)
				cpuid(0, 0); // resets that follow each other with nothing in between are the end
			for (int k = 0; k < 5; k++)
				nap();
			if (!fault(KIND_FAIL, moments[i].exit))
				continue;
			last_reset(r);
			met = begins(called((u32)r[RESET_PARTITION]), moments[i].name) && r[RESET_EXIT] == moments[i].exit;
		}
		say(met ? "MET " : "MISSED ");
		say(moments[i].name);
		say(" exit ");
		decimal(moments[i].exit);
		say(" rip ");
		hex(r[RESET_RIP]);
		line(" tries", tries);
		fault(KIND_PANIC, moments[i].exit);
	}
	line("FAULTS resets", r[RESET_NUMBER]);
}

// looked has the hypervisor check itself.
static void looked(void) {
	static u64 request, c[CHECK];
	request++;
	do
		nap();
	while (check_call(request, c) < 0 || (u32)c[CHECK_STATE] != 2);
	for (u64 i = 0; i < 8; i++)
		if ((u32)c[CHECK_ITEMS + 4 * i] == 2)
			line("FAIL: the check finds fault with item", i);
}

static const struct { u64 which, flags; } restarts[] = {
	{0, FORCE}, {1, 0}, {0, 0}, {0, FORCE | NATIVE}, {0, FORCE | FULL}, {2, 0},
};
void conduct(void) {
	images = (u64 *)(u64) * (u32 *)(boot_info + 0x218);
	gather();
	report("begun");
	chance = number("seed", 1);
	for (u64 t = 0; t < number("times", 1); t++)
		for (u64 i = 0; i < number("restarts", sizeof restarts / sizeof *restarts); i++) {
			hold(t * 5 + i);
			restart(restarts[i].which, restarts[i].flags);
			release();
			report("restarted");
			if (!restarts[i].which && i % 2 == 0) {
				fail();
				report("failed");
			}
		}
	count_frames();
	looked();
	line("RESULT: over, generation", cpuid(0x40000002, 0).c);
	finish();
}
