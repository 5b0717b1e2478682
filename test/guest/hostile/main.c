// A guest that does everything that a guest should not do, a million times, and is
// still there afterwards. Its command line: seed=N operations=N first=N end=off,
// reset, triple, lost, storm or spin; only=N does one kind of operation only.
#include "hostile.h"

u8 arena[ARENA_SIZE] __attribute__((section(".arena"), aligned(2 << 20)));
u64 root, both;
static u64 seed, stream, digest = 14695981039346656037ul;

static u64 mix(u64 z) {
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

// The second processor has a stream of its own.
u64 second_stream;

u64 any(void) {
	u64 *s = on_cpu() ? &second_stream : &stream;
	return mix(*s += 0x9e3779b97f4a7c15);
}

u64 below(u64 n) { return any() % n; }
int once_in(u64 n) { return below(n) == 0; }

u64 wild(void) {
	u64 r = any();
	switch (r >> 60) {
	case 0: return 0;
	case 1: return ~0ul;
	case 2: case 3: return (1ul << (r & 63)) - (r >> 6 & 1);
	case 4: return 1ul << (r & 63) | 1ul << (r >> 6 & 63);
	case 5: case 6: return r & 0xff;
	case 7: return r & 0xffff;
	case 8: case 9: return r & 0xffffffff;
	case 10: case 11: return address();
	case 12: return -(r & 0xfff);
	}
	return r;
}

u64 window_(void) {
	switch (below(6)) {
	case 0: return 0xfec00000;
	case 1: return 0xfee00000;
	}
	return 0xfe000000 + below(9) * 0x1000;
}

u64 address(void) {
	u64 r = any(), in = r & 0xfff;
	if (r >> 12 & 1)
		in = r >> 13 & 1 ? 0xff0 + (r & 31) : in & ~7ul;
	switch (r >> 59) {
	case 0: return (u64)arena + ARENA_SIZE - (r & 63);
	case 1: return window_() + in % 0x1ff;
	case 2: return 0xd0000000 + in;
	case 3: return 0xf0000000 + (r & 0xfffffff);
	case 4: return (1ul << 40) + in;
	case 5: return r;
	case 6: return 0xfffffffffffff000 + in;
	case 7: return 0xffffffff - (r & 63);
	}
	return (u64)arena + ((r >> 14) * 4096 + in) % ARENA_SIZE;
}

void restore(void) {
	WRITE_DR(7, 0x400);
	WRITE_DR(6, 0xffff0ff0);
	WRITE_CR(0, 0x80000031);
	WRITE_CR(4, 0x20);
	wrmsr(EFER, 0xd00);
	WRITE_CR(3, (u64)pml4);
	__asm__ volatile("cld; mov %0, %%ds; mov %0, %%es; mov %0, %%ss; mov %1, %%fs; mov %1, %%gs" : : "r"(DATA), "r"(0));
}

void fix_apic(void) {
	u64 base = rdmsr(APIC_BASE);
	if ((base & 0xc00) != 0xc00) {
		wrmsr(APIC_BASE, 0xfee00900);
		wrmsr(APIC_BASE, 0xfee00d00);
	}
	wrmsr(SVR, 0x1ff);
	wrmsr(TPR, 0);
	wrmsr(LVT_TIMER, 2 << 17 | TICK);
}

void reset_apic(void) {
	cli();
	wrmsr(APIC_BASE, 0xfee00100);
	fix_apic();
}

static volatile u64 hurried;

// enough ends an operation, not what follows it.
static void enough(struct frame *f) {
	wrmsr(EOI, 0);
	if (hurried && f->rsp + 16 < saved[0])
		leave(f, TICK);
}

void hurry(void) {
	reset_apic();
	hurried = 1;
	handlers[TICK] = enough;
	wrmsr(DEADLINE, rdtsc() + 20000);
	sti();
}

// The operations and how often they come: those seldom that take long.
static const struct { const char *name; void (*f)(void); u64 weight; } kinds[] = {
	{"port", op_port, 170}, {"string", op_string, 16}, {"uart", op_uart, 12}, {"rdmsr", op_rdmsr, 120}, {"wrmsr", op_wrmsr, 140},
	{"cpuid", op_cpuid, 80}, {"cr", op_cr, 110}, {"dr", op_dr, 40}, {"xcr", op_xcr, 40}, {"odd", op_odd, 60}, {"vmx", op_vmx, 100},
	{"flags", op_flags, 60}, {"mmio", op_mmio, 70}, {"play", op_play, 50}, {"user", op_user, 8}, {"call", op_call, 110},
	{"icr", op_icr, 40}, {"apic", op_apic, 8}, {"halt", op_halt, 3}, {"virtio", op_virtio, 14}, {"second", op_second, 5},
};
enum { KINDS = sizeof kinds / sizeof *kinds, STEP = 5000 };
static u64 done[KINDS], excepted[KINDS], ticks[KINDS], kind;

static void perform(void *arg) {
	(void)arg;
	if (once_in(2))
		sti();
	kinds[kind].f();
	cli(); // an interrupt with the vector of an exception would leave twice
}

static void operation(u64 n, u64 only) {
	static u64 total;
	if (!total)
		for (u64 i = 0; i < KINDS; i++)
			total += kinds[i].weight;
	stream = mix(seed ^ mix(n));
	u64 w = below(total);
	for (kind = 0; w >= kinds[kind].weight; kind++)
		w -= kinds[kind].weight;
	if (only < KINDS)
		kind = only;
	done[kind]++;
	digest = (digest ^ kind ^ any()) * 1099511628211;
	u64 began = rdtsc();
	excepted[kind] += guarded(perform, 0) != NONE;
	cli();
	hurried = 0;
	ticks[kind] += rdtsc() - began;
	restore();
}

// report says how many operations were done, in all and of each kind.
static void report(u64 n) {
	say("hostile: done ");
	decimal(n);
	for (u64 i = 0; i < KINDS; i++) {
		say(" ");
		say(kinds[i].name);
		say("=");
		decimal(done[i]);
	}
	say("\r\n");
}

static void last_words(void);

void guest(void) {
	begin();
	traps(0);
	root = is_root();
	both = processors() > 1;
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	fix_apic();
	restore();
	tables_user();
	pml4[PLAY] = (u64)(arena + TABLES) | 7;
	seed = number("seed", rdtsc());
	u64 first = number("first", 0), n = number("operations", 1000000), only = number("only", KINDS);
	u64 verbose = number("verbose", 0);
	say("hostile: seed ");
	hex(seed);
	say(both ? ", two processors" : ", one processor");
	line(root ? ", as root; operations" : "; operations", n);
	line("hostile: virtio devices", windows());
	if (!root)
		line("hostile: restarts refused", refused_restarts());
	second_stream = seed;
	for (u64 i = first; i < first + n; i++) {
		if (i % STEP == 0 && i != first)
			report(i);
		if (verbose && i >= verbose)
			line("hostile: next", i);
		operation(i, only);
	}
	fix_apic();
	report(first + n);
	for (u64 i = 0; i < KINDS; i++) {
		say("hostile: ");
		say(kinds[i].name);
		say(" ");
		decimal(done[i]);
		say(", ticks each ");
		decimal(done[i] ? ticks[i] / done[i] : 0);
		line(", excepted", excepted[i]);
	}
	line("hostile: exceptions", exceptions);
	line("hostile: interrupts", interrupts);
	line("hostile: runs of the second processor", second_runs);
	say("hostile: digest ");
	hex(digest);
	line("; operations done", n);
	last_words();
	finish();
}

// last_words ends in the way that was asked for.
static void last_words(void) {
	struct { u16 limit; u64 base; } __attribute__((packed)) none = {0, 0};
	if (word("end", "triple")) {
		say("hostile: triple fault now\r\n");
		__asm__ volatile("lidt %0; int3" : : "m"(none));
	}
	if (word("end", "lost")) {
		say("hostile: lost IDT now\r\n");
		none.limit = 0xfff;
		none.base = 0xd0000000;
		__asm__ volatile("lidt %0; int3" : : "m"(none));
	}
	if (word("end", "reset")) {
		say("hostile: reset now\r\n");
		outb(0x608, 1);
	}
	if (word("end", "halt")) {
		say("hostile: halt for ever now\r\n");
		for (;;)
			__asm__ volatile("cli; hlt");
	}
	if (word("end", "spin")) {
		say("hostile: spin for ever now\r\n");
		for (;;)
			;
	}
	if (word("end", "storm")) { // #DB whose delivery meets #DB
		say("hostile: storm now\r\n");
		*(u64 *)(tss[0] + 36) = (u64)arena + 4096; // IST1
		set_gate(&idt[DB], (u64)stubs + 16 * DB, CODE, 0, 1);
		WRITE_DR(0, (u64)arena + 4096 - 8);
		WRITE_DR(7, 0x000d0402);
		__asm__ volatile(".byte 0xf1");
	}
	say("hostile: off\r\n");
}
