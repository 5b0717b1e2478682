// Exits of all kinds, each with every register known before and looked at after.
#include "recover.h"

struct regs16 { u64 in[32], xin[16], xout[16]; }; // RAX RCX RDX RBX RBP RSI RDI R8 to R15, 16: what they became
void through(struct regs16 *s, u64 kind);
enum { CPUID, RDMSR, WRMSR, IN, OUT, VMCALL, LOAD, STORE, CR0, CR4, XSETBV, PAUSE, HALT, STI, SPIN, WINDOW, KINDS };
enum { RAX, RCX, RDX, RBX, AFTER = 16, FLAGS = 31 };

volatile u64 bad[2], culprit[2], timers[2], asked[2], selves[2];
static struct regs16 set[2];
enum { WORDS = 4096 };
static u64 memory[2][WORDS], seed[2], last[2], leaf1[2], version[2], leaf4[2], latest[2];

static u64 mix(u64 z) {
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	return (z ^ z >> 27) * 0x94d049bb133111eb;
}

static void on_timer(struct frame *f) { (void)f; timers[on_cpu()]++; wrmsr(EOI, 0); }
static void on_ask(struct frame *f) { (void)f; asked[on_cpu()]++; wrmsr(EOI, 0); }
static void on_self(struct frame *f) { (void)f; selves[on_cpu()]++; wrmsr(EOI, 0); }

void prepare(u64 cpu) {
	handlers[TIMER_VECTOR] = on_timer;
	handlers[ASK_VECTOR] = on_ask;
	handlers[SELF_VECTOR] = on_self;
	WRITE_CR(4, READ_CR(4) | 0x40600); // XMM, XSETBV
	wrmsr(APIC_BASE, rdmsr(APIC_BASE) | 0xc00);
	wrmsr(SVR, 0x1ff);
	wrmsr(LVT_TIMER, 2 << 17 | TIMER_VECTOR);
	for (u64 i = 0; i < WORDS; i++)
		memory[cpu][i] = mix(i + cpu);
	leaf1[cpu] = cpuid(1, 0).a;
	leaf4[cpu] = cpuid(0x40000000, 0).a;
	version[cpu] = rdmsr(APIC_BASE);
	last[cpu] = rdtsc();
}

// wrong notes what is, and after which kind of exit it was found first.
static void wrong(u64 cpu, u64 what, u64 kind) {
	if (!bad[cpu])
		culprit[cpu] = kind;
	bad[cpu] |= what;
}

// way makes an exit; changed says which registers it may change, by their bits.
static u64 way(u64 cpu, u64 kind, u64 a, u64 c, u64 d, u64 b, u64 changed) {
	struct regs16 *s = &set[cpu];
	for (u64 i = 4; i < 15; i++)
		s->in[i] = mix(++seed[cpu]);
	for (u64 i = 0; i < 16; i++)
		s->xin[i] = mix(++seed[cpu]);
	s->in[RAX] = a;
	s->in[RCX] = c;
	s->in[RDX] = d;
	s->in[RBX] = b;
	through(s, kind);
	for (u64 i = 0; i < 15; i++)
		if (!(changed >> i & 1) && s->in[i] != s->in[i + AFTER])
			wrong(cpu, BAD_REGISTER, kind);
	for (u64 i = 0; i < 16; i++)
		if (s->xin[i] != s->xout[i])
			wrong(cpu, BAD_XMM, kind);
	if ((s->in[FLAGS] & 0xcd5) != 0x8d5)
		wrong(cpu, BAD_FLAGS, kind);
	latest[cpu] = kind;
	return s->in[RAX + AFTER];
}

static void want(u64 cpu, u64 got, u64 expected, u64 what) {
	if (got != expected)
		wrong(cpu, what, latest[cpu]);
}

// halts sets the timer and waits for it.
static void halts(u64 cpu) {
	u64 at = rdtsc() + 3000, was = timers[cpu];
	wrmsr(DEADLINE, at);
	while (timers[cpu] == was)
		way(cpu, HALT, 0, 0, 0, 0, 0);
	if (rdtsc() < at)
		wrong(cpu, BAD_TIMER, HALT);
}

void ask_other(u64 cpu) { wrmsr(ICR, (1 - cpu) << 32 | ASK_VECTOR); }

void round_of(u64 cpu) {
	u64 n = mix(++seed[cpu]), was = selves[cpu];
	enum { A = 1, C = 2, D = 4, B = 8 };
	want(cpu, (u32)way(cpu, CPUID, 1, 0, 0, 0, A | B | C | D), (u32)leaf1[cpu], BAD_ANSWER);
	want(cpu, way(cpu, CPUID, 0x40000000, 0, 0, 0, A | B | C | D), leaf4[cpu], BAD_ANSWER);
	want(cpu, way(cpu, RDMSR, 0, APIC_BASE, 0, n, A | D), (u32)version[cpu], BAD_ANSWER);
	way(cpu, WRMSR, n & 0xf0, TPR, 0, n, 0);
	want(cpu, way(cpu, RDMSR, 0, TPR, 0, n, A | D), n & 0xf0, BAD_ANSWER);
	way(cpu, WRMSR, 0, TPR, 0, n, 0);
	way(cpu, WRMSR, SELF_VECTOR, SELF, 0, n, 0);
	way(cpu, STI, n, n, n, n, 0);
	want(cpu, selves[cpu] != was, 1, BAD_IPI);
	if (!cpu) {
		way(cpu, OUT, n & 0xff, n, 0x3ff, n, 0);
		want(cpu, way(cpu, IN, 0, n, 0x3ff, n, A), n & 0xff, BAD_ANSWER);
		way(cpu, STORE, n & 0x1f, n, n, 0xfec00000, 0);
		want(cpu, way(cpu, LOAD, 0, n, n, 0xfec00000, A), n & 0x1f, BAD_ANSWER);
	}
	want(cpu, way(cpu, VMCALL, NULL_CALL | VERSION, n, n, n, A), 0, BAD_ANSWER);
	way(cpu, CR4, READ_CR(4) ^ 4, n, n, n, 0);
	way(cpu, CR0, READ_CR(0) ^ 0x20, n, n, n, 0);
	way(cpu, XSETBV, 3, 0, 0, n, 0);
	way(cpu, PAUSE, n, n, n, n, 0);
	halts(cpu);
	for (u64 i = 0; i < 64; i++, n++)
		want(cpu, memory[cpu][n & (WORDS - 1)], mix((n & (WORDS - 1)) + cpu), BAD_MEMORY);
	u64 now = rdtsc();
	if (now < last[cpu])
		wrong(cpu, BAD_CLOCK, KINDS);
	last[cpu] = now;
}

// spins waits for the timer without an exit of its own, with interrupts off (WINDOW) or on.
static void spins(u64 cpu, u64 kind) {
	enum { C = 2 };
	u64 was = timers[cpu];
	wrmsr(DEADLINE, rdtsc() + 1500);
	for (u64 i = 0; i < 50 && timers[cpu] == was; i++)
		way(cpu, kind, i, 1000, i, i, C);
	want(cpu, timers[cpu] != was, 1, BAD_TIMER);
}

void sleep_until(u64 time) {
	for (u64 was = timers[0]; timers[0] == was && rdtsc() < time;) {
		wrmsr(DEADLINE, time);
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	}
}

// provoke has root make an exit; before is called with only the exit's reason to come.
void provoke(u64 exit, void (*before)(void)) {
	enum { A = 1, C = 2, D = 4, B = 8, CPU = 0 };
	u64 n = mix(++seed[CPU]), was = selves[CPU], heard = asked[1];
	switch (exit) {
	case BY_CPUID:
		before();
		want(CPU, (u32)way(CPU, CPUID, 1, 0, 0, 0, A | B | C | D), (u32)leaf1[CPU], BAD_ANSWER);
		break;
	case BY_RDMSR:
		before();
		want(CPU, way(CPU, RDMSR, 0, APIC_BASE, 0, n, A | D), (u32)version[CPU], BAD_ANSWER);
		break;
	case BY_RDTPR:
		before();
		want(CPU, way(CPU, RDMSR, 0, TPR, 0, n, A | D), 0, BAD_ANSWER);
		break;
	case BY_TPR:
		before();
		way(CPU, WRMSR, n & 0xf0, TPR, 0, n, 0);
		want(CPU, way(CPU, RDMSR, 0, TPR, 0, n, A | D), n & 0xf0, BAD_ANSWER);
		wrmsr(TPR, 0);
		break;
	case BY_SELF:
		before();
		way(CPU, WRMSR, SELF_VECTOR, SELF, 0, n, 0);
		way(CPU, STI, n, n, n, n, 0);
		want(CPU, selves[CPU] - was, 1, BAD_IPI);
		break;
	case BY_EOI:
		wrmsr(SELF, SELF_VECTOR);
		before();
		way(CPU, STI, n, n, n, n, 0);
		want(CPU, selves[CPU] - was, 1, BAD_IPI);
		break;
	case BY_DEADLINE:
		was = timers[CPU];
		before();
		n = rdtsc() + 3000;
		way(CPU, WRMSR, (u32)n, DEADLINE, n >> 32, n, 0);
		while (timers[CPU] == was)
			way(CPU, HALT, 0, 0, 0, 0, 0);
		break;
	case BY_ICR:
		before();
		way(CPU, WRMSR, ASK_VECTOR, ICR, 1, n, 0);
		for (u64 end = rdtsc() + 10000000; asked[1] == heard && rdtsc() < end;)
			way(CPU, PAUSE, n, n, n, n, 0);
		want(CPU, asked[1] - heard, 1, BAD_IPI);
		break;
	case BY_OUT:
		before();
		way(CPU, OUT, n & 0xff, n, 0x3ff, n, 0);
		want(CPU, way(CPU, IN, 0, n, 0x3ff, n, A), n & 0xff, BAD_ANSWER);
		break;
	case BY_IN:
		way(CPU, OUT, n & 0xff, n, 0x3ff, n, 0);
		before();
		want(CPU, way(CPU, IN, 0, n, 0x3ff, n, A), n & 0xff, BAD_ANSWER);
		break;
	case BY_LOAD:
		way(CPU, STORE, n & 0x1f, n, n, 0xfec00000, 0);
		before();
		want(CPU, way(CPU, LOAD, 0, n, n, 0xfec00000, A), n & 0x1f, BAD_ANSWER);
		break;
	case BY_STORE:
		before();
		way(CPU, STORE, n & 0x1f, n, n, 0xfec00000, 0);
		want(CPU, way(CPU, LOAD, 0, n, n, 0xfec00000, A), n & 0x1f, BAD_ANSWER);
		break;
	case BY_VMCALL:
		before();
		want(CPU, way(CPU, VMCALL, NULL_CALL | VERSION, n, n, n, A), 0, BAD_ANSWER);
		break;
	case BY_CR0:
		before();
		n = READ_CR(0) ^ 0x20;
		way(CPU, CR0, n, n, n, n, 0);
		want(CPU, READ_CR(0), n, BAD_ANSWER);
		break;
	case BY_HALT:
		before();
		halts(CPU);
		break;
	case BY_TIMER:
		before();
		spins(CPU, SPIN);
		break;
	case BY_WINDOW:
		before();
		spins(CPU, WINDOW);
	}
}
