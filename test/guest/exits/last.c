// The ways to end that leave nothing to check: each is a boot of its own.
#include "guest.h"

static void no_idt(u64 at) {
	struct { u16 limit; u64 base; } __attribute__((packed)) p = {at ? 0xfff : 0, at};
	__asm__ volatile("lidt %0; int3" : : "m"(p));
}

// A triple fault resets the machine.
void last_triple_fault(void) {
	say("triple fault now\r\n");
	no_idt(0);
}

// An IDT where there is no memory: the partition is beyond repair.
void last_lost_idt(void) {
	say("lost IDT now\r\n");
	no_idt(hole());
}

// #DB on a stack of its own that it watches itself: it never gets anywhere.
void last_storm(void) {
	say("storm now\r\n");
	*(u64 *)(tss + 36) = (u64)(spare + 512); // IST1
	u16 *g;
	struct { u16 limit; u64 base; } __attribute__((packed)) p;
	__asm__ volatile("sidt %0" : "=m"(p));
	g = (u16 *)(p.base + 16 * DB);
	g[2] |= 1;
	WRITE_DR(0, (u64)(spare + 512) - 8);
	WRITE_DR(7, 0x000d0402);
	__asm__ volatile(".byte 0xf1");
	say("storm over\r\n");
	finish();
}
