// What modes.S finds outside 64-bit mode.
#include "guest.h"

extern void modes(u32 *result);
extern void fault32_df(void), fault32_ts(void), fault32_gp(void), fault32_pf(void);
extern u32 pd32[1024];
extern u64 pdpt32[4], idt32[32];

static void gate32(int vector, void (*to)(void)) {
	u64 a = (u64)to;
	idt32[vector] = (a & 0xffff) | 0x18 << 16 | 0x8e00ul << 32 | (a >> 16) << 48;
}

static u64 tss32(u64 base) { return 0x0000890000000067 | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56; }

void test_modes(void) {
	static u32 r[16];
	for (u32 i = 0; i < 1024; i++)
		pd32[i] = i << 22 | 0x83 | (i == 0xfec00000u >> 22 ? 0x10 : 0);
	pd32[0x80000000u >> 22] = 0;
	pdpt32[0] = (u64)pd | 1;
	pdpt32[3] = (u64)(pd + 3 * 512) | 1;
	gate32(DF, fault32_df);
	gate32(TS, fault32_ts);
	gate32(GP, fault32_gp);
	gate32(PF, fault32_pf);
	gdt[8] = tss32((u64)spare);
	gdt[9] = tss32((u64)spare + 128);
	outb(0x3f8 + 7, 0);
	modes(r);
	eq("paging off: EFER", r[0] & 0x500, 0x100);
	eq("paging off: CR0", r[1] & 0xe0000001, 0x40000001);
	eq("task switch #GP", r[2], GP << 16);
	eq("RDMSR in 32-bit mode #GP", r[3], GP << 16);
	eq("32-bit paging on by an exit", r[4] & 0xe0000001, 0x80000001);
	eq("MMIO in 32-bit mode", r[5] & 0xff, 0x20);
	eq("REP OUTSB in 32-bit mode", r[6], 0xa5);
	eq("OUTSB of a missing page in 32-bit mode #PF", r[7], PF << 16);
	eq("its CR2", r[8], 0x80000003);
	eq("PAE paging with reserved bits #GP", r[9], GP << 16);
	eq("and nothing changed", r[10] & 0xe0000001, 0x00000001);
	eq("PAE paging on by an exit", r[11] & 0xe0000001, 0xc0000001);
	eq("MMIO with PAE paging", r[12] & 0xff, 0x20);
	eq("64-bit paging on by an exit", r[13] & 0xe0000001, 0x80000001);
	eq("back in 64-bit mode", rdmsr(0xc0000080) & 0x500, 0x500);
}
