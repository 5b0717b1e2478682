// A second processor: started, spoken to, sent INIT and started again.
#include "guest.h"

extern u8 ap_begin[], ap_end[], ap_real[], ap_cpuid[];
static volatile u64 boots, turns, spin, ap_nmis, pings, pongs, ap_tsc, lost_time;

static u64 await(volatile u64 *what, u64 least) {
	for (u64 end = rdtsc() + 200000000; *what < least;)
		if (rdtsc() > end)
			return 0;
		else
			__asm__ volatile("sti; pause; cli" : : : "memory");
	return 1;
}

static void ping(struct frame *f) { // on the second processor
	(void)f;
	pings++;
	wrmsr(EOI, 0);
	wrmsr(ICR, 0ul << 32 | 0x4b);
}

static void pong(struct frame *f) {
	(void)f;
	pongs++;
	wrmsr(EOI, 0);
}

static void nmi(struct frame *f) {
	(void)f;
	ap_nmis++;
}

void ap(void) {
	load_idt();
	wrmsr(0x1b, rdmsr(0x1b) | 0xc00);
	wrmsr(SVR, 0x1ff);
	boots++;
	for (;;) {
		u64 now = rdtsc();
		lost_time += now < ap_tsc;
		ap_tsc = now;
		turns++;
		if (spin)
			cpuid(0, 0);
		else
			__asm__ volatile("sti; hlt; cli");
	}
}

static void start(u64 id) {
	wrmsr(ICR, id << 32 | 0x4500);
	for (u64 end = rdtsc() + 100000; rdtsc() < end;)
		;
	wrmsr(ICR, id << 32 | 0x4608);
	for (u64 end = rdtsc() + 20000; rdtsc() < end;)
		;
	wrmsr(ICR, id << 32 | 0x4608);
}

static u64 rest(void) { // whether the second processor stands still
	for (u64 end = rdtsc() + 200000; rdtsc() < end;)
		__asm__ volatile("pause");
	u64 t = turns;
	for (u64 end = rdtsc() + 2000000; rdtsc() < end;)
		__asm__ volatile("pause");
	return t == turns;
}

void test_smp(void) {
	if (cpuid(0xb, 1).b < 2)
		return;
	u64 id = rdmsr(APIC_ID) ^ 1;
	u8 *to = (u8 *)0x8000;
	for (u64 i = 0; i < (u64)(ap_end - ap_begin); i++)
		to[i] = ap_begin[i];
	handlers[0x4a] = ping;
	handlers[0x4b] = pong;
	handlers[NMI] = nmi;
	gdt[6] &= ~(0x2ul << 40);
	start(id);
	ok("INIT and start-up IPI", await(&boots, 1));
	eq("#GP in real mode", *(u32 *)(to + (ap_real - ap_begin)), 1);
	ok("CPUID in real mode", *(u32 *)(to + (ap_cpuid - ap_begin)) == cpuid(1, 0).a);
	wrmsr(ICR, id << 32 | 0x4608);
	ok("a start-up IPI while it runs is ignored", rest() || boots == 1);
	eq("  one start", boots, 1);
	u64 bad = 0;
	for (u64 i = 1; i <= 2000 && !bad; i++) {
		wrmsr(ICR, id << 32 | 0x4a);
		bad = !await(&pongs, i);
	}
	quietly("2000 IPIs to a halted processor and back", bad, 2000);
	wrmsr(ICR, 3 << 18 | 0x4a);
	ok("to all but oneself", await(&pongs, 2001) && pings == 2001);
	wrmsr(ICR, 1ul << (id & 15) << 32 | 1 << 11 | 0x4a);
	ok("to a logical destination", await(&pongs, 2002) && pings == 2002);
	wrmsr(ICR, id << 32 | 4 << 8);
	ok("NMI", await(&ap_nmis, 1));
	spin = 1;
	wrmsr(ICR, id << 32 | 0x4a);
	await(&pongs, 2003);
	ok("it runs", !rest());
	wrmsr(ICR, id << 32 | 4 << 8);
	ok("NMI while it runs with IF 0", await(&ap_nmis, 2));
	wrmsr(ICR, id << 32 | 0x4500);
	ok("INIT stops it", rest());
	wrmsr(ICR, id << 32 | 0x4a);
	ok("an interrupt does not wake it", rest());
	bad = 0;
	for (u64 i = 2; i <= 30 && !bad; i++) {
		spin = i & 1;
		start(id);
		bad = !await(&boots, i);
	}
	quietly("started 29 times more", bad, 29);
	spin = 0;
	eq("its TSC never went back", lost_time, 0);
	wrmsr(ICR, id << 32 | 0x4500);
}
