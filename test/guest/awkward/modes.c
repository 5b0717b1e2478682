// What a guest can be in the middle of. Interrupts are off between rounds.
#include "awkward.h"

enum { OWN = 0x50, PING, PONG, SHADOW, STORM = 0x60, FIXED = 0x4000, AN_NMI = 0x4400, INIT_IT = 0x4500, START_IT = 0x4608 };

static void self(u64 vector) { wrmsr(SELF, vector); }

// halted waits for its timer, which ends one HLT.
void halted(void) {
	u64 before = interrupts;
	wrmsr(DEADLINE, rdtsc() + 30000);
	while (interrupts == before)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	spin(2000);
	check(interrupts == before + 1, "a deadline is one interrupt", interrupts - before);
}

// masked lets an interrupt wait while it spins.
void masked(void) {
	u64 before = interrupts;
	self(OWN);
	spin(30000);
	check(interrupts == before, "with IF 0 there is no interrupt", interrupts - before);
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	check(interrupts == before + 1, "and then there is one", interrupts - before);
}

volatile u64 second_is_up;
static volatile u64 pings, pongs;

void on_ping(struct frame *f) {
	(void)f;
	pings++;
	wrmsr(EOI, 0);
	wrmsr(ICR, FIXED | PONG);
}

static void on_pong(struct frame *f) {
	(void)f;
	pongs++;
	wrmsr(EOI, 0);
}

// answered asks its second processor, which is halted, and waits for the answer,
// halted or not.
void answered(void) {
	static u64 sent;
	if (!sent) {
		handlers[PING] = on_ping;
		handlers[PONG] = on_pong;
		start_second();
		while (!second_is_up)
			__asm__ volatile("pause");
	}
	sent++;
	wrmsr(ICR, 1ul << 32 | FIXED | PING);
	while (pongs < sent)
		if (sent & 1)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		else
			__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	check(pings == sent, "a question comes once", pings - sent);
	check(pongs == sent, "an answer comes once", pongs - sent);
}

static volatile u64 stormy[16];

static void on_storm(struct frame *f) {
	stormy[f->vector - STORM]++;
	wrmsr(EOI, 0);
}

// stormed sends itself interrupts one by one and all at once.
void stormed(void) {
	static u64 sent;
	for (int i = 0; i < 16; i++)
		handlers[STORM + i] = on_storm;
	for (int all = 0; all < 2; all++) {
		sent++;
		for (int i = 0; i < 16; i++) {
			if (!all)
				sti();
			self(STORM + i);
			cli();
		}
		__asm__ volatile("sti; nop; nop; cli" : : : "memory");
		for (int i = 0; i < 16; i++)
			check(stormy[i] == sent, "each of 16 interrupts comes once", stormy[i] - sent);
	}
}

static volatile u64 seen, depth;

static void on_nmi(struct frame *f) {
	(void)f;
	check(!depth++, "NMIs are not nested", seen);
	if (++seen & 1) {
		u64 now = seen;
		wrmsr(ICR, AN_NMI);
		spin(10000);
		check(seen == now, "an NMI waits for the end of the other", seen - now);
	}
	depth--;
}

// blocked sends itself an NMI, whose handler sends another one.
void blocked(void) {
	static u64 sent;
	handlers[NMI] = on_nmi;
	sent += 2;
	wrmsr(ICR, AN_NMI);
	__asm__ volatile("nop; nop");
	check(seen == sent, "two NMIs", seen - sent);
}

static volatile u64 came, came_at;

static void on_shadow(struct frame *f) {
	came++;
	came_at = f->rip;
	wrmsr(EOI, 0);
}

// AFTER runs instructions, with a vector in EAX and the register of self-IPIs in
// ECX; an interrupt comes right behind them.
#define AFTER(code) do { u64 at_, a_ = SHADOW, c_ = SELF, d_ = 0; came = 0; \
	__asm__ volatile("lea 7f(%%rip), %0;" code "; 7: nop; nop; cli" : "=&r"(at_), "+a"(a_), "+c"(c_), "+d"(d_) : : "rbx", "memory", "cc"); \
	check(came == 1, code ": an interrupt", came); check(came_at == at_, code ": where it comes", came_at - at_); } while (0)

// shadowed has an interrupt come behind the instruction after STI.
void shadowed(void) {
	handlers[SHADOW] = on_shadow;
	AFTER("wrmsr; sti; nop");
	AFTER("wrmsr; sti; cpuid");
	AFTER("wrmsr; sti; hlt");
}

// stacked sends itself an interrupt in the shadow of MOV SS.
void stacked(void) {
	handlers[SHADOW] = on_shadow;
	AFTER("sti; nop; mov %%ss, %%ebx; mov %%ebx, %%ss; wrmsr");
}

static volatile u64 steps, without;

static void on_step(struct frame *f) {
	(void)f;
	without += !(READ_DR(6) & 0x4000);
	WRITE_DR(6, 0xffff0ff0);
	steps++;
}

// stepped counts single steps, and INT1s.
void stepped(void) {
	enum { LOOP = 20, AROUND = 3 }; // the last three clear TF
	handlers[DB] = on_step;
	steps = without = 0;
	WRITE_DR(6, 0xffff0ff0);
	__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq;"
		"mov %0, %%ecx; 1: dec %%ecx; jnz 1b;"
		"xor %%eax, %%eax; cpuid; mov %%ss, %%eax; mov %%eax, %%ss; cpuid;"
		"pushfq; andq $~0x100, (%%rsp); popfq; nop" : : "i"(LOOP) : "rax", "rbx", "rcx", "rdx", "memory", "cc");
	u64 want = 1 + 2 * LOOP + 2 + 2 + AROUND; // MOV SS and what follows it are one
	check(steps == want, "single steps", steps - want);
	check(!without, "each says so in DR6", without);
	steps = 0;
	__asm__ volatile(".byte 0xf1; .byte 0xf1");
	check(steps == 2, "two INT1", steps);
}

// started starts its second processor, which counts in real mode and halts.
void started(void) {
	extern u8 real_begin[], real_end[];
	enum { COUNT = 50 * 1000 };
	volatile u32 *count = (u32 *)0x7000, *ends = (u32 *)0x7004;
	for (u64 i = 0; i < (u64)(real_end - real_begin); i++)
		((volatile u8 *)0x8000)[i] = real_begin[i];
	*count = *ends = 0;
	wrmsr(ICR, 1ul << 32 | INIT_IT);
	spin(150000);
	check(*count == 0, "nothing runs between INIT and start-up", *count);
	wrmsr(ICR, 1ul << 32 | START_IT);
	while (!*ends)
		__asm__ volatile("pause");
	check(*count == COUNT, "counted in real mode", *count);
	check(*ends == 1, "and ended once", *ends);
}

// flooded talks. Root compares the numbers.
void flooded(void) {
	static u64 n;
	line("flood", ++n);
}

// summed looks after memory.
void summed(void) {
	static u64 r;
	volatile u64 *m = (u64 *)(2 << 20);
	u64 bad = 0;
	for (u64 i = 0; i < 8192; i++) {
		bad += m[i] != (r ? i * r : 0);
		m[i] = i * (r + 1);
	}
	r++;
	check(!bad, "changed words", bad);
}
