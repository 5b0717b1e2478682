// A crowd of guests that are hard to catch at a good moment, and a root that makes
// them, has the hypervisor replaced and reset under them, and looks whether they
// noticed. A guest does one thing again and again, do=NAME on its command line, and
// counts: whatever must happen once has to happen once.
#include "awkward.h"

static const struct { const char *name; void (*round)(void); } modes[] = {
	{"halt", halted}, {"mask", masked}, {"ipi", answered}, {"storm", stormed}, {"nmi", blocked}, {"sti", shadowed}, {"movss", stacked},
	{"step", stepped}, {"real", started}, {"flood", flooded}, {"sum", summed}, {"net", queued},
};

void check(int good, const char *what, u64 got) {
	if (good)
		return;
	say("FAIL ");
	say(what);
	line(",", got);
}

void spin(u64 n) {
	for (; n; n--)
		__asm__ volatile("");
}

void use_apic(void) {
	wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
	wrmsr(SVR, 0x1ff);
	wrmsr(LVT_TIMER, 2 << 17 | 0x60);
}

void second(void) {
	traps(1);
	use_apic();
	second_is_up = 1;
	for (;;)
		__asm__ volatile("sti; hlt");
}

// forever does rounds, and now and then says how many.
static void forever(void (*round)(void)) {
	u64 often = 100ul * cpuid(0x40000010, 0).a, last = 0;
	for (u64 n = 1;; n++) {
		round();
		if (rdtsc() - last > often) {
			line("round", n);
			last = rdtsc();
		}
	}
}

void guest(void) {
	int root = is_root();
	for (u64 *from = (u64 *)PROGRAM, *to = (u64 *)COPY; root && from < (u64 *)guest_end;)
		*to++ = *from++;
	begin();
	traps(0);
	use_apic();
	if (root)
		conduct();
	for (u64 i = 0; i < sizeof modes / sizeof *modes; i++)
		if (word("do", modes[i].name))
			forever(modes[i].round);
	check(0, "nothing to do", 0);
	finish();
}
