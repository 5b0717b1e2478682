// A guest that wants all of its processors, for ever. On the command line:
// do=spin    nothing but that (so it is without a command line);
// do=sum     looks after bytes=N of memory, and says after each round whether it is
//            as it was left; rounds=N: so many, then it powers off; rest=N: so
//            many milliseconds halted after each;
// do=count   says each second how far it has counted;
// do=halt    halts, and has its timer wake it a thousand times a second;
// do=invd    executes INVD, which nobody else does.
#include "../kit/kit.h"

enum { FIRST = 2 << 20 }; // the memory that it looks after begins here

static u64 mix(u64 z) {
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	return (z ^ z >> 27) * 0x94d049bb133111eb;
}

// rest halts for so many milliseconds.
static void rest(u64 ms) {
	if (!ms)
		return;
	wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
	wrmsr(SVR, 0x1ff);
	wrmsr(LVT_TIMER, 2 << 17 | 0x60);
	wrmsr(DEADLINE, rdtsc() + ms * cpuid(0x40000010, 0).a);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

static void sum(void) {
	volatile u64 *m = (u64 *)FIRST;
	u64 n = number("bytes", 1 << 20) / 8, rounds = number("rounds", ~0ul), bad = 0;
	for (u64 i = 0; i < n; i++)
		m[i] = mix(i);
	for (u64 r = 1; r <= rounds && !bad; r++) {
		u64 was = mix(r - 1), now = mix(r), digest = 0;
		for (u64 i = 0; i < n; i++) {
			u64 v = m[i];
			bad += v != (mix(i) ^ (r > 1 ? was : 0));
			digest = mix(digest + v);
			m[i] = mix(i) ^ now;
		}
		say("spin: round ");
		decimal(r);
		say(" digest ");
		hex(digest);
		say(bad ? " FAIL: changed words " : " good");
		if (bad)
			decimal(bad);
		say("\r\n");
		rest(number("rest", 0));
	}
	line("spin: bad words", bad);
	finish();
}

static void count(void) {
	u64 second = 1000ul * cpuid(0x40000010, 0).a, seconds = number("seconds", ~0ul), n = 0;
	u64 start = rdtsc();
	for (u64 s = 1; s <= seconds; s++) {
		for (; rdtsc() - start < s * second; n++)
			;
		line("spin: counted to", n);
	}
	finish();
}

static void halt(void) {
	u64 tick = cpuid(0x40000010, 0).a, n = 0;
	wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
	wrmsr(SVR, 0x1ff);
	wrmsr(LVT_TIMER, 2 << 17 | 0x60);
	for (u64 at = rdtsc();; n++) {
		wrmsr(DEADLINE, at += tick);
		__asm__ volatile("sti; hlt; cli" : : : "memory");
		if (n % 1000 == 999)
			line("spin: ticks", interrupts);
	}
}

// The other processor, if it is started: it spins.
void second(void) {
	for (;;)
		;
}

void guest(void) {
	begin();
	traps(0);
	say("spin: begins\r\n");
	if (number("both", 0) && processors() > 1) {
		wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
		start_second();
	}
	if (word("do", "sum"))
		sum();
	if (word("do", "count"))
		count();
	if (word("do", "halt"))
		halt();
	while (word("do", "invd"))
		__asm__ volatile("invd" : : : "memory");
	for (;;)
		;
}
