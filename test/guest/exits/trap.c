// Exceptions and interrupts: who expects one says so, any other ends the guest.
#include "guest.h"

volatile struct last last;
volatile u64 recover;
handler *handlers[256];
volatile u64 irqs[256], order[64], ordered;
volatile u64 user_saw[8];
extern void user_return(void);

static struct gate { u16 low, selector, flags, mid; u32 high, zero; } idt[256] __attribute__((aligned(16)));

void gate(int vector, u64 to, int selector, int dpl) {
	idt[vector] = (struct gate){to, selector, (selector == 8 ? 0x8e00 : 0x8f00) | dpl << 13, to >> 16, to >> 32, 0};
}

void trap(struct frame *f) {
	if (handlers[f->vector]) {
		handlers[f->vector](f);
		return;
	}
	if (!recover) {
		say("FAIL unexpected vector ");
		hex(f->vector);
		say(" error ");
		hex(f->error);
		say(" at ");
		hex(f->rip);
		say(" cr2 ");
		hex(READ_CR(2));
		say("\r\n");
		eq("no unexpected exception", 1, 0);
		finish();
	}
	last = (struct last){f->vector, f->error, READ_CR(2), f->rip, f->rsp};
	f->rip = recover;
	f->rflags &= ~0x100ul;
	recover = 0;
}

static void back(struct frame *f) {
	f->rip = (u64)user_return;
	f->cs = 8;
	f->ss = 0x10;
	f->rflags = 2;
}

void interrupt(struct frame *f) {
	irqs[f->vector]++;
	if (ordered < 64)
		order[ordered++] = f->vector;
	wrmsr(EOI, 0);
}

void load_idt(void) {
	struct { u16 limit; u64 base; } __attribute__((packed)) p = {sizeof idt - 1, (u64)idt};
	__asm__ volatile("lidt %0" : : "m"(p));
}

void traps(void) {
	for (int v = 0; v < 256; v++)
		gate(v, (u64)stubs + 16 * v, 8, v == 3 || v == 0x80 ? 3 : 0);
	load_idt();
	handlers[0x80] = back;
	for (int v = 0x40; v < 0x80; v++)
		handlers[v] = interrupt;
	u64 base = (u64)tss;
	gdt[6] = 0x0000890000000000 | (104 + 8192) | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	gdt[7] = base >> 32;
	*(u16 *)(tss + 102) = 104;
	for (int i = 0; i < 8193; i++)
		tss[104 + i] = 0xff;
	__asm__ volatile("ltr %w0" : : "r"(0x30));
}
