// MSRs: what does not exist, what refuses reserved bits, what keeps its value.
#include "guest.h"

enum { EFER = 0xc0000080, STAR = 0xc0000081, LSTAR, CSTAR, FMASK, FS_BASE = 0xc0000100, GS_BASE, KERNEL_GS, TSC_AUX, PAT = 0x277, DEBUGCTL = 0x1d9 };

static const struct { u32 msr; u64 val; } keeps[] = {
	{STAR, 0x0023001000000000}, {LSTAR, 0xffffffff81000040}, {CSTAR, 0xffff888012345678}, {FMASK, 0x47700}, {FS_BASE, 0x7fff12345678},
	{GS_BASE, 0xffff800011223344}, {KERNEL_GS, 0xffffc00000001000}, {TSC_AUX, 0x1234}, {PAT, 0x0007010600070106},
	{0x174, 0x10}, {0x175, 0xffff800000001000}, {0x176, 0xffffffff81000000},
	{0x200, 0x00000006}, {0x201, 0xf80000800}, {0x20e, 0xc0000000}, {0x20f, 0xfc0000800}, {0x250, 0x0606060606060606}, {0x258, 0x0504010006050401},
	{0x26f, 0x0505050505050505}, {0x2ff, 0xc06},
};
enum { KEEPS = sizeof keeps / sizeof *keeps };

void verify_msrs(const char *name) {
	u64 bad = 0;
	for (int i = 0; i < KEEPS; i++)
		bad |= (u64)(rdmsr(keeps[i].msr) != keeps[i].val) << i;
	eq(name, bad, 0);
}

void test_msr(void) {
	static const u32 none[] = {0x480, 0x48f, 0x38f, 0xc1, 0x186, 0x400, 0x40000000, 0x40000073, 0x4b564d00, 0xc0010000, 0xc0010015, 0x1fffff, 0xffffffff, 0x7fff, 0xc0002000, 0x1c9, 0x570, 0x6e1, 0x840, 0x7ff};
	u64 bad = 0, badw = 0;
	for (u64 i = 0; i < sizeof none / sizeof *none; i++) {
		bad |= (u64)(try_rdmsr(none[i]) != GP || last.error) << i;
		badw |= (u64)(try_wrmsr(none[i], 0) != GP || last.error) << i;
	}
	eq("RDMSR of what does not exist #GP", bad, 0);
	eq("WRMSR of what does not exist #GP", badw, 0);
	eq("FEATURE_CONTROL is locked, nothing on", rdmsr(0x3a), 1);
	eq("FEATURE_CONTROL cannot be written", try_wrmsr(0x3a, 5), GP);
	eq("MTRRCAP cannot be written", try_wrmsr(0xfe, 0), GP);
	eq("MTRRCAP offers 8", rdmsr(0xfe) & 0x5ff, 0x508);
	bad = 0;
	for (int i = 0; i < KEEPS; i++)
		bad |= (u64)(try_wrmsr(keeps[i].msr, keeps[i].val) != NONE) << i;
	eq("MSRs take values", bad, 0);
	for (int i = 0; i < 1000; i++)
		cpuid(0, 0);
	verify_msrs("MSRs keep them over 1000 exits");
	eq("LSTAR not canonical #GP", try_wrmsr(LSTAR, 0x8000000000000000), GP);
	eq("CSTAR not canonical #GP", try_wrmsr(CSTAR, 0x0000800000000000), GP);
	eq("KERNEL_GS_BASE not canonical #GP", try_wrmsr(KERNEL_GS, 0x0001000000000000), GP);
	eq("FS_BASE not canonical #GP", try_wrmsr(FS_BASE, 0x0001000000000000), GP);
	eq("SYSENTER_ESP not canonical #GP", try_wrmsr(0x175, 0x0001000000000000), GP);
	eq("FMASK above 32 bits #GP", try_wrmsr(FMASK, 1ul << 32), GP);
	eq("TSC_AUX above 32 bits #GP", try_wrmsr(TSC_AUX, 1ul << 32), GP);
	eq("EFER reserved #GP", try_wrmsr(EFER, rdmsr(EFER) | 2), GP);
	eq("EFER without LME while paging #GP", try_wrmsr(EFER, rdmsr(EFER) & ~0x100ul), GP);
	eq("EFER SCE", (wrmsr(EFER, rdmsr(EFER) | 1), rdmsr(EFER) & 1), 1);
	eq("EFER NXE", (wrmsr(EFER, rdmsr(EFER) | 0x800), cpuid(0, 0), rdmsr(EFER) & 0xd00), 0xd00);
	eq("PAT of type 2 #GP", try_wrmsr(PAT, 0x0007010600070206), GP);
	eq("APIC base elsewhere #GP", try_wrmsr(0x1b, (rdmsr(0x1b) & 0xfff) | 0xfe000000), GP);
	eq("APIC from x2APIC to xAPIC #GP", try_wrmsr(0x1b, rdmsr(0x1b) & ~0x400ul), GP);
	eq("DEBUGCTL reserved #GP", try_wrmsr(DEBUGCTL, 1ul << 20), GP);
	eq("DEBUGCTL BTF", (try_wrmsr(DEBUGCTL, 2), cpuid(0, 0), rdmsr(DEBUGCTL)), 2);
	wrmsr(DEBUGCTL, 0);
	eq("XSS #GP", try_wrmsr(0xda0, 0x100), GP);
	eq("XSS 0", try_wrmsr(0xda0, 0), NONE);
	eq("MTRR default type 2 #GP", try_wrmsr(0x2ff, 0xc02), GP);
	eq("MTRR default reserved #GP", try_wrmsr(0x2ff, 0x1c06), GP);
	eq("MTRR base reserved #GP", try_wrmsr(0x200, 0x106), GP);
	eq("MTRR base type 3 #GP", try_wrmsr(0x200, 3), GP);
	eq("MTRR base beyond memory #GP", try_wrmsr(0x200, 1ul << 60), GP);
	eq("MTRR mask reserved #GP", try_wrmsr(0x201, 0xffffff400), GP);
	eq("MTRR fixed type 7 #GP", try_wrmsr(0x250, 0x0606070606060606), GP);
	eq("MISC_ENABLE without MONITOR", rdmsr(0x1a0) >> 18 & 1, 0);
	eq("MCG_CAP no banks", rdmsr(0x179) & 0xff, 0);
	eq("microcode revision can be asked for", try_wrmsr(0x8b, 0), NONE);
	verify_msrs("MSRs keep them over refusals");
}
