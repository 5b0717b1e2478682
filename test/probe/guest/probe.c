// The probe: a guest kernel that measures what exits cost.
//
// It runs unchanged under Perdure, as the root partition's kernel, and under
// KVM, in a small host program. Each measurement is a loop around one
// instruction that the hypervisor must answer, between two readings of the
// TSC. In an emulator that counts one tick an instruction, the figure is the
// number of instructions that a round trip takes: the loop's own two or more,
// and all of the hypervisor's. Results go to the first serial port:
//
//	RESULT name value samples
//
// value being the mean in ticks, in hundredths.

#include "guest.h"

enum { N = 1000, WARM = 16, VEC_IPI = 0x40, VEC_TIMER = 0x41 };

extern void gate_ipi(void), gate_timer(void);
extern volatile u64 ipis, timers, timer_tsc;

static void result(const char *name, u64 ticks, u64 samples) {
	u64 hundredths = ticks * 100 / samples;
	say("RESULT ");
	say(name);
	put(' ');
	number(hundredths / 100);
	put('.');
	put('0' + hundredths / 10 % 10);
	put('0' + hundredths % 10);
	put(' ');
	number(samples);
	say("\r\n");
	settle();
}

// MEASURE times N runs of one asm statement, after some that warm up whatever
// is made ready on the first use.
#define MEASURE(name, ...)                                       \
	do {                                                     \
		u64 t0 = 0, t1 = 0;                              \
		for (int round = 0; round < 2; round++) {        \
			u64 n = round ? N : WARM;                \
			t0 = rdtsc();                            \
			for (; n; n--)                           \
				__asm__ volatile(__VA_ARGS__);   \
			t1 = rdtsc();                            \
		}                                                \
		result(name, t1 - t0, N);                        \
	} while (0)

// NULL_CALL is the call that does nothing: Perdure's number 1, version 1, and one
// that KVM does not know and so answers at once.
enum { NULL_CALL = 0x10001 };

static void exits(void) {
	u32 a, b, c, d;
	MEASURE("loop", "nop");
	MEASURE("exit.cpuid", "xor %%eax, %%eax; xor %%ecx, %%ecx; cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d));
	MEASURE("exit.rdmsr", "mov $0x1a0, %%ecx; rdmsr" : "=a"(a), "=c"(c), "=d"(d)); // IA32_MISC_ENABLE
	MEASURE("exit.out", "outb %%al, $0x21" : : "a"(0xff));                           // the 8259's mask
	MEASURE("exit.hypercall", "mov %1, %%eax; vmcall" : "=a"(a) : "i"(NULL_CALL) : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10");
	MEASURE("exit.ept_mmio", "mov (%1), %0" : "=r"(a) : "r"(0xfec00000ul)); // the IOAPIC's select register
	MEASURE("exit.ept_mmio_write", "movl %1, (%0)" : : "r"(0xfec00000ul), "r"(0));
	MEASURE("exit.deadline", "wrmsr" : : "c"(0x6e0), "a"(0), "d"(0x10000)); // IA32_TSC_DEADLINE, far ahead
	wrmsr(0x6e0, 0);
	MEASURE("exit.eoi", "wrmsr" : : "c"(0x80b), "a"(0), "d"(0)); // x2APIC EOI, nothing in service
	MEASURE("exit.tpr_read", "rdmsr" : "=a"(a), "=d"(d) : "c"(0x808));
}

// self_ipi measures an interrupt from the write that sends it to the end of its
// handler: send, inject, EOI, IRET.
static void self_ipi(void) {
	__asm__ volatile("sti");
	u64 before = ipis;
	MEASURE("irq.inject", "wrmsr; nop; nop" : : "c"(0x83f), "a"(VEC_IPI), "d"(0) : "memory");
	__asm__ volatile("cli");
	if (ipis - before != N + WARM)
		say("RESULT lost-interrupts\r\n");
}

// timer measures how late a TSC-deadline interrupt is, from the deadline to the
// first instructions of its handler: in a busy guest, and in one that halted.
static void timer(const char *name, u64 ahead, int halt) {
	enum { TIMES = 100 };
	u64 late = 0;
	for (int i = 0; i < TIMES + WARM; i++) {
		u64 before = timers;
		u64 deadline = rdtsc() + ahead;
		wrmsr(0x6e0, deadline);
		if (halt) {
			while (timers == before)
				__asm__ volatile("sti; hlt; cli");
		} else {
			__asm__ volatile("sti");
			while (timers == before && rdtsc() < deadline + 10000000)
				;
			__asm__ volatile("cli");
			if (timers == before) {
				say("RESULT lost-timer\r\n");
				return;
			}
		}
		if (timer_tsc < deadline)
			say("RESULT early-timer\r\n");
		else if (i >= WARM)
			late += timer_tsc - deadline;
	}
	result(name, late, TIMES);
}

void probe(void) {
	take_traps();
	set_gate(VEC_IPI, gate_ipi);
	set_gate(VEC_TIMER, gate_timer);
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	wrmsr(0x1b, rdmsr(0x1b) | 0xc00); // x2APIC
	wrmsr(0x80f, 0x1ff);              // software enable, spurious vector 0xff
	wrmsr(0x808, 0);
	wrmsr(0x832, 1 << 18 | VEC_TIMER); // LVT timer: TSC-deadline
	say("RESULT begin\r\n");
	settle();
	exits();
	self_ipi();
	timer("irq.timer", 100000, 0);
	timer("hlt.wakeup", 2000000, 1);
	finish();
}
