// Hypercalls.
#include "recover.h"

u64 second_result, busies;

// call makes one, and once more as long as somebody else is in the way.
long call(u64 number, u64 a, u64 b, u64 c, u64 d) {
	long rax;
	for (u64 end = rdtsc() + 100000000; (rax = number | VERSION), 1;) {
		u64 rdx = c;
		register u64 r10 __asm__("r10") = d, r8 __asm__("r8") = 0;
		__asm__ volatile("vmcall" : "+a"(rax), "+d"(rdx) : "D"(a), "S"(b), "r"(r10), "r"(r8) : "memory");
		second_result = rdx;
		if (rax != BUSY || rdtsc() > end)
			return rax;
		busies++;
	}
}
