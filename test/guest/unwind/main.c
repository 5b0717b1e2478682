// A root whose exits fail in the hypervisor's hands, and which measures what it feels:
// each of times=N CPUIDs by itself, and then the longest of them. The hypervisor's
// option inject= says which ones fail.
#include "../kit/kit.h"

enum { LONGEST = 16 };

// figure prints one for test/bench.
static void figure(const char *name, u64 which, u64 v) {
	say("FIGURE ");
	say(name);
	say(" ");
	decimal(which);
	line("", v);
}

void guest(void) {
	begin();
	traps(0);
	u64 took[LONGEST] = {0}, least = ~0ul;
	for (u64 n = number("times", 1000); n > 0; n--) {
		u64 from = rdtsc();
		cpuid(0, 0);
		u64 t = rdtsc() - from;
		if (t < least)
			least = t;
		for (int i = 0; i < LONGEST; i++)
			if (t > took[i]) {
				u64 shorter = took[i];
				took[i] = t;
				t = shorter;
			}
	}
	figure("least", 0, least);
	for (u64 i = 0; i < LONGEST; i++)
		figure("longest", i, took[i]);
	say("RESULT: over\r\n");
	finish();
}

void second(void) {}
