// CPUID, instructions that no partition has, hypercalls.
#include "guest.h"

void test_cpuid(void) {
	struct regs r = cpuid(0, 0);
	ok("cpuid 0 highest leaf", r.a >= 0xd && r.a <= 0x16);
	r = cpuid(1, 0);
	eq("cpuid 1 hides MONITOR VMX SMX", r.c & (1 << 3 | 1 << 5 | 1 << 6), 0);
	eq("cpuid 1 x2APIC, TSC deadline, hypervisor", r.c & (1u << 21 | 1 << 24 | 1u << 31), 1u << 21 | 1 << 24 | 1u << 31);
	eq("cpuid 1 OSXSAVE is CR4's", r.c >> 27 & 1, READ_CR(4) >> 18 & 1);
	WRITE_CR(4, READ_CR(4) | 1 << 18 | 1 << 9);
	eq("cpuid 1 OSXSAVE follows CR4", cpuid(1, 0).c >> 27 & 1, 1);
	eq("cpuid 1 APIC id", r.b >> 24, rdmsr(APIC_ID));
	r = cpuid(7, 0);
	eq("cpuid 7 hides SGX, PT, TSC_ADJUST", r.b & (1 << 2 | 1 << 25 | 1 << 1), 0);
	eq("cpuid 7 hides WAITPKG, LA57", r.c & (1 << 5 | 1 << 16), 0);
	r = cpuid(0xa, 0);
	eq("cpuid 0xa no PMU", r.a | r.b | r.c | r.d, 0);
	r = cpuid(0x14, 0);
	eq("cpuid 0x14 nothing", r.a | r.b | r.c | r.d, 0);
	r = cpuid(0x1234, 0);
	eq("cpuid beyond the end nothing", r.a | r.b | r.c | r.d, 0);
	r = cpuid(0x40000000, 0);
	eq("cpuid ours highest", r.a, 0x40000010);
	ok("cpuid ours signature", r.b == 0x64726550 && r.c == 0x50657275 && r.d == 0x72647265);
	eq("cpuid ours interface", cpuid(0x40000001, 0).a, 0x31647250);
	ok("cpuid ours version", cpuid(0x40000002, 0).a != 0);
	r = cpuid(0x40000003, 0);
	ok("cpuid ours rights and port", r.a == 0x1f && r.b == 0xf50 && r.d == 1);
	ok("cpuid ours TSC", cpuid(0x40000010, 0).a != 0);
	eq("cpuid KVM signature", cpuid(0x40000100, 0).b, 0x4b4d564b);
	u64 a = 0xdeadbeef00000001, b = ~0ul, c = 0xffffffff00000000, d = ~0ul;
	__asm__ volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
	eq("cpuid clears the upper halves", (a | b | c | d) >> 32, 0);
	eq("cpuid 0xd XCR0", cpuid(0xd, 0).a & 7, 7);
	eq("cpuid 0xb level 1", cpuid(0xb, 0).c >> 8 & 0xff, 1);
}

void test_undefined(void) {
	static u64 m[2] = {0, 0};
	FAULTS("VMXON #UD", UD, "vmxon %0", : : "m"(m) : "cc");
	FAULTS("VMXOFF #UD", UD, "vmxoff", : : : "cc");
	FAULTS("VMLAUNCH #UD", UD, "vmlaunch", : : : "cc");
	FAULTS("VMRESUME #UD", UD, "vmresume", : : : "cc");
	FAULTS("VMCLEAR #UD", UD, "vmclear %0", : : "m"(m) : "cc");
	FAULTS("VMPTRLD #UD", UD, "vmptrld %0", : : "m"(m) : "cc");
	FAULTS("VMPTRST #UD", UD, "vmptrst %0", : "=m"(m) : : "cc");
	FAULTS("VMREAD #UD", UD, "vmread %0, %1", : : "r"(0x6820ul), "r"(0ul) : "cc");
	FAULTS("VMWRITE #UD", UD, "vmwrite %0, %1", : : "r"(0ul), "r"(0x6820ul) : "cc");
	FAULTS("INVEPT #UD", UD, "invept %0, %1", : : "m"(m), "r"(2ul) : "cc");
	FAULTS("INVVPID #UD", UD, "invvpid %0, %1", : : "m"(m), "r"(2ul) : "cc");
	FAULTS("VMFUNC #UD", UD, "vmfunc", : : "a"(0), "c"(0) : "cc");
	FAULTS("GETSEC #UD", UD, "getsec", : : "a"(0) : "cc", "ebx", "ecx");
	FAULTS("MONITOR #UD", UD, "monitor", : : "a"(m), "c"(0), "d"(0) : "cc");
	FAULTS("MWAIT #UD", UD, "mwait", : : "a"(0), "c"(0) : "cc");
	FAULTS("ENCLS #UD", UD, ".byte 0x0f, 0x01, 0xcf", : : "a"(0) : "cc");
	FAULTS("ENCLV #UD", UD, ".byte 0x0f, 0x01, 0xc0", : : "a"(0) : "cc");
	FAULTS("UMWAIT #UD", UD, ".byte 0xf2, 0x0f, 0xae, 0xf0", : : "a"(0), "d"(0) : "cc");
	FAULTS("TPAUSE #UD", UD, ".byte 0x66, 0x0f, 0xae, 0xf0", : : "a"(0), "d"(0) : "cc");
	FAULTS("PCONFIG #UD", UD, ".byte 0x0f, 0x01, 0xc5", : : "a"(0) : "cc");
	FAULTS("RSM #UD", UD, "rsm", : : : "cc");
	FAULTS("UD2 #UD", UD, "ud2", : : : "cc");
	u32 a, d;
	FAULTS("RDPMC #GP", GP, "rdpmc", : "=a"(a), "=d"(d) : "c"(0));
	eq("RDPMC error code", last.error, 0);
	FAULTS("INVD", NONE, "invd", : : : "memory");
	FAULTS("WBINVD", NONE, "wbinvd", : : : "memory");
	FAULTS("PAUSE", NONE, "pause", : : : "memory");
	u64 bad = 0, t = rdtsc();
	for (int i = 0; i < 2000; i++) {
		u32 lo, hi, aux;
		cpuid(0, 0);
		__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
		u64 now = lo | (u64)hi << 32, msr = rdmsr(0x10);
		bad += now <= t || msr < now;
		t = msr;
	}
	quietly("RDTSC, RDTSCP and the TSC MSR never go back", bad, 2000);
	FAULTS("INVPCID", NONE, "invpcid %0, %1", : : "m"(m), "r"(2ul) : "memory");
}

u64 call(u64 word, u64 a, u64 b, u64 c) {
	register u64 r10 __asm__("r10") = 0;
	__asm__ volatile("vmcall" : "+a"(word), "+d"(c), "+r"(r10) : "D"(a), "S"(b) : "memory");
	return word;
}

enum { WORD = 1 << 16, CALLS = 28 };

void test_calls(void) {
	u64 a = WORD | 1, b = 0xb0, c = 0xc0, d = 0xd0, f = 0, si = 0x51, di = 0xd1;
	__asm__ volatile("pushfq; orq $0x8d5, (%%rsp); popfq; vmcall; pushfq; popq %5; cld" : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(si), "=r"(f), "+D"(di) : : "memory", "cc");
	ok("VMCALL null changes only RAX", a == 0 && b == 0xb0 && c == 0xc0 && d == 0xd0 && si == 0x51 && di == 0xd1);
	eq("VMCALL keeps the flags", f & 0x8d5, 0x8d5);
	eq("VMCALL version", call(WORD | 2, 0, 0, 0), 1);
	eq("VMCALL of KVM", call(9, 0, 0, 0), -1000);
	eq("VMCALL of version 2", call(2 << 16 | 1, 0, 0, 0), -71);
	eq("VMCALL of version 2^48-1", call(~0ul << 16 | 1, 0, 0, 0), -71);
	eq("VMCALL 0", call(WORD, 0, 0, 0), -38);
	eq("a call that there is not", call(WORD | CALLS, 0, 0, 0), -38);
	eq("VMCALL 65535", call(WORD | 0xffff, 0, 0, 0), -38);
	static const u64 wild[] = {0, 1, 0xfff, ~0ul, 1ul << 63, 0x7fffffffffff, 0x800000000000, 0xffff800000000000, 0xfec00000, 1ul << 47 | 0xfff, 0x8000000000000001};
	enum { N = sizeof wild / sizeof *wild };
	u64 at = hole();
	for (u64 n = 3; n < CALLS + 2; n += n == 10 ? 2 : 1) { // 11 writes on the console
		char name[] = "VMCALL 00 with wild arguments answers";
		name[7] += n / 10;
		name[8] += n % 10;
		u64 bad = 0, of = 0;
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				u64 r = call(WORD | n, wild[i], wild[j], wild[(i * 3 + j) % N]);
				bad += (s64)r > 16384 || (s64)r < -200;
				r = call(WORD | n, at, wild[j], wild[i]);
				bad += (s64)r > 16384 || (s64)r < -200;
				of++;
			}
		quietly(name, bad, of);
	}
	eq("VMCALL still answers", call(WORD | 1, 0, 0, 0), 0);
	static char info[4096];
	u64 n = call(WORD | 3, (u64)info, sizeof info, 0);
	ok("VMCALL info", n >= 64 && n <= sizeof info && *(u32 *)info != 0);
	eq("VMCALL info into the hole", call(WORD | 3, at, 64, 0), -14);
	eq("VMCALL info to a non-canonical address", call(WORD | 3, 0x800001000000, 64, 0), -14);
}
