// The local APIC in x2APIC mode: interrupts, their order, NMIs, the timer.
#include "guest.h"

static u64 word(u32 base, int vector) { return rdmsr(base + vector / 32) >> vector % 32 & 1; }

static void self(u64 vector) { wrmsr(ICR, 1 << 18 | vector); }

// nested sends a higher and a lower one from within its handler.
static void nested(struct frame *f) {
	order[ordered++] = f->vector;
	self(0x42);
	self(0x62);
	eq("ISR has what is being served", word(ISR, f->vector), 1);
	eq("PPR is its class", rdmsr(PPR), f->vector & 0xf0);
	sti();
	__asm__ volatile("nop; nop");
	cli();
	eq("IRR has the lower one", word(IRR, 0x42), 1);
	wrmsr(EOI, 0);
	order[ordered++] = f->vector + 1;
}

void test_apic(void) {
	static const struct { u32 reg; u64 val; } bad[] = {
		{TPR, 0x100}, {EOI, 1}, {SVR, 1 << 12}, {ESR, 1}, {ICR, 1 << 16}, {LVT_TIMER, 1 << 20}, {INITIAL, 1ul << 32}, {DIVIDE, 0x10},
		{SELF, 0x100}, {APIC_ID, 0}, {0x803, 0}, {PPR, 0}, {0x80d, 0}, {ISR, 0}, {IRR, 0}, {CURRENT, 0}, {0x80e, 0}, {0x831, 0}, {0x82f, 0},
	};
	u64 mask = 0;
	for (u64 i = 0; i < sizeof bad / sizeof *bad; i++)
		mask |= (u64)(try_wrmsr(bad[i].reg, bad[i].val) != GP) << i;
	eq("x2APIC writes of reserved bits #GP", mask, 0);
	ok("x2APIC reads of what cannot be read #GP", try_rdmsr(EOI) == GP && try_rdmsr(SELF) == GP && try_rdmsr(0x80e) == GP && try_rdmsr(0x831) == GP);
	wrmsr(TPR, 0x35);
	eq("TPR keeps all 8 bits", rdmsr(TPR), 0x35);
	eq("PPR is TPR", rdmsr(PPR), 0x35);
	wrmsr(TPR, 0);

	self(0x41);
	eq("IRR while IF is 0", word(IRR, 0x41), 1);
	eq("nothing came", irqs[0x41], 0);
	__asm__ volatile("sti; nop; cli" : : : "memory");
	eq("self-IPI after STI", irqs[0x41], 1);
	eq("IRR is empty", word(IRR, 0x41), 0);
	eq("ISR is empty", word(ISR, 0x41), 0);

	u64 rip = 0;
	self(0x41);
	__asm__ volatile("sti; cli" : : : "memory");
	eq("STI CLI lets nothing in", irqs[0x41], 1);
	__asm__ volatile("sti; mov %%ss, %%eax; mov %%eax, %%ss; nop; cli" : "+r"(rip) : : "eax", "memory");
	eq("interrupt after MOV SS", irqs[0x41], 2);
	self(0x41);
	__asm__ volatile("sti; cpuid; cli" : : "a"(0), "c"(0) : "ebx", "edx", "memory");
	eq("STI CPUID CLI lets it in", irqs[0x41], 3);
	self(0x41);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	eq("STI HLT with one pending", irqs[0x41], 4);

	ordered = 0;
	self(0x51);
	self(0x71);
	self(0x61);
	self(0x52);
	sti();
	__asm__ volatile("nop; nop");
	cli();
	ok("highest first", ordered == 4 && order[0] == 0x71 && order[1] == 0x61 && order[2] == 0x52 && order[3] == 0x51);

	ordered = 0;
	handlers[0x55] = nested;
	self(0x55);
	sti();
	__asm__ volatile("nop; nop");
	cli();
	ok("a higher one nests, a lower one waits", ordered == 4 && order[0] == 0x55 && order[1] == 0x62 && order[2] == 0x56 && order[3] == 0x42);
	handlers[0x55] = interrupt;

	wrmsr(TPR, 0x50);
	self(0x5f);
	sti();
	__asm__ volatile("nop; nop");
	cli();
	eq("TPR holds back", irqs[0x5f], 0);
	sti();
	WRITE_CR(8, 4);
	__asm__ volatile("nop; nop");
	cli();
	eq("CR8 lets go", irqs[0x5f], 1);
	wrmsr(TPR, 0);
	wrmsr(SELF, 0x4f);
	wrmsr(SELF, 0x4f);
	sti();
	__asm__ volatile("nop; nop");
	cli();
	eq("two of a kind are one", irqs[0x4f], 1);
	wrmsr(ESR, 0);
	wrmsr(ICR, 1 << 18 | 5);
	wrmsr(ESR, 0);
	eq("ESR of vector 5", rdmsr(ESR), 0x20);
	wrmsr(ESR, 0);
	eq("ESR cleared", rdmsr(ESR), 0);
	wrmsr(SVR, 0xff);
	eq("software disable masks the timer", rdmsr(LVT_TIMER) >> 16 & 1, 1);
	wrmsr(SVR, 0x1ff);
	u64 missed = 0, before = irqs[0x43];
	sti();
	for (int i = 0; i < 10000; i++) {
		wrmsr(SELF, 0x43);
		__asm__ volatile("nop");
		missed += irqs[0x43] != before + i + 1;
	}
	cli();
	quietly("10000 self-IPIs, each at once", missed, 10000);
}

static volatile u64 nmis, in_nmi;

static void nmi(struct frame *f) {
	(void)f;
	nmis++;
	if (in_nmi)
		eq("NMI does not nest", 1, 0);
	in_nmi = 1;
	if (nmis == 1) {
		wrmsr(ICR, rdmsr(APIC_ID) << 32 | 4 << 8); // another one, which has to wait for IRET
		for (int i = 0; i < 100; i++)
			cpuid(0, 0);
	}
	in_nmi = 0;
}

void test_nmi(void) {
	handlers[NMI] = nmi;
	wrmsr(ICR, rdmsr(APIC_ID) << 32 | 4 << 8);
	__asm__ volatile("nop; nop");
	eq("NMI to oneself, and one from its handler", nmis, 2);
	wrmsr(ICR, rdmsr(APIC_ID) << 32 | 4 << 8);
	__asm__ volatile("nop");
	eq("NMI with IF 0", nmis, 3);
	u64 n = 0;
	for (int i = 0; i < 1000; i++) {
		wrmsr(ICR, rdmsr(APIC_ID) << 32 | 4 << 8);
		__asm__ volatile("nop");
		n += nmis != 4ul + i;
	}
	quietly("1000 NMIs, each at once", n, 1000);
}

void test_timer(void) {
	wrmsr(DIVIDE, 0xb);
	wrmsr(LVT_TIMER, 0x44);
	wrmsr(INITIAL, 200000);
	u64 c = rdmsr(CURRENT);
	ok("current count runs down", c <= 200000 && c > 100000 && rdmsr(CURRENT) < c);
	while (irqs[0x44] == 0)
		__asm__ volatile("sti; hlt; cli");
	eq("one-shot", irqs[0x44], 1);
	eq("current count is 0", rdmsr(CURRENT), 0);
	for (u64 end = rdtsc() + 500000; rdtsc() < end;)
		__asm__ volatile("sti; nop; cli");
	eq("once", irqs[0x44], 1);
	wrmsr(LVT_TIMER, 1 << 17 | 0x45);
	u64 t = rdtsc();
	wrmsr(INITIAL, 100000);
	while (irqs[0x45] < 10)
		__asm__ volatile("sti; hlt; cli");
	t = rdtsc() - t;
	ok("periodic, ten of them", t > 990000 && t < 1300000);
	wrmsr(INITIAL, 0);
	t = irqs[0x45];
	for (u64 end = rdtsc() + 500000; rdtsc() < end;)
		__asm__ volatile("sti; nop; cli");
	ok("stopped", irqs[0x45] - t <= 1);
	wrmsr(LVT_TIMER, 2 << 17 | 0x46);
	wrmsr(INITIAL, 1000);
	eq("no count in deadline mode", rdmsr(CURRENT), 0);
	u64 when = rdtsc() + 300000;
	wrmsr(DEADLINE, when);
	eq("deadline reads back", rdmsr(DEADLINE), when);
	while (irqs[0x46] == 0)
		__asm__ volatile("sti; hlt; cli");
	t = rdtsc();
	ok("deadline, not early, hardly late", t >= when && t < when + 200000);
	eq("deadline is 0 then", rdmsr(DEADLINE), 0);
	wrmsr(DEADLINE, 1);
	__asm__ volatile("sti; nop; nop; cli");
	eq("deadline that has passed", irqs[0x46], 2);
	wrmsr(LVT_TIMER, 1 << 16 | 2 << 17 | 0x46);
	wrmsr(DEADLINE, rdtsc() + 1000);
	for (u64 end = rdtsc() + 200000; rdtsc() < end;)
		__asm__ volatile("sti; nop; cli");
	eq("masked", irqs[0x46], 2);
}
