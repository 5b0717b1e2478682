// Exceptions and interrupts: whoever is guarded is left at any exception, unless
// somebody handles it.
#include "kit.h"

handler *handlers[256];
u64 exceptions, nmis, interrupts;
struct gate idt[256] __attribute__((aligned(16)));
extern u8 landing[];
void trap(struct frame *f);

u64 on_cpu(void) {
	u64 rsp;
	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	return rsp > (u64)stack_top && rsp <= (u64)second_stack_top;
}

void leave(struct frame *f, u64 why) {
	f->rip = (u64)landing;
	f->rsp = saved[on_cpu()];
	f->cs = CODE;
	f->ss = DATA;
	f->rflags = 2;
	f->rax = why;
}

void trap(struct frame *f) {
	if (handlers[f->vector]) {
		handlers[f->vector](f);
		return;
	}
	if (f->vector == NMI) {
		nmis++;
		return;
	}
	if (f->vector >= 22) {
		interrupts++;
		u64 base = rdmsr(APIC_BASE);
		if ((base & 0xc00) == 0xc00)
			wrmsr(EOI, 0);
		else if (base & 0x800)
			*(volatile u32 *)0xfee000b0 = 0;
		return;
	}
	exceptions++;
	if (saved[on_cpu()]) {
		leave(f, f->vector);
		return;
	}
	say("FAIL unexpected vector ");
	hex(f->vector);
	say(" error ");
	hex(f->error);
	say(" at ");
	hex(f->rip);
	say(" cr2 ");
	hex(READ_CR(2));
	say("\r\n");
	finish();
}

void set_gate(struct gate *g, u64 to, u64 selector, u64 dpl, u64 ist) {
	*g = (struct gate){to, selector, 0x8e00 | dpl << 13 | ist, to >> 16, to >> 32, 0};
}

void load_idt(struct gate *table) {
	struct { u16 limit; u64 base; } __attribute__((packed)) p = {sizeof idt - 1, (u64)table};
	__asm__ volatile("lidt %0" : : "m"(p));
}

void traps(u64 cpu) {
	for (int v = 0; v < 256 && !cpu; v++)
		set_gate(&idt[v], (u64)stubs + 16 * v, CODE, v == 3 || v == 0x80 ? 3 : 0, 0);
	load_idt(idt);
	u8 *t = tss[cpu];
	u64 base = (u64)t;
	gdt[6 + 2 * cpu] = 0x0000890000000000 | (104 + 8192) | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	gdt[7 + 2 * cpu] = base >> 32;
	*(u64 *)(t + 4) = cpu ? (u64)second_stack_top - 16384 : (u64)stack_top - 16384; // RSP0
	*(u16 *)(t + 102) = 104;
	t[104 + 8192] = 0xff;
	__asm__ volatile("ltr %w0" : : "r"(0x30 + 0x10 * cpu));
}
