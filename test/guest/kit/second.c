// Starting processors; the second one must be one with APIC id 1.
#include "kit.h"

extern u8 second_begin[], second_end[];

// start_at starts the processor with that APIC id in real mode, at that page.
void start_at(u64 id, u64 page) {
	wrmsr(ICR, id << 32 | 0x4500);
	for (int i = 0; i < 100; i++)
		__asm__ volatile("pause");
	wrmsr(ICR, id << 32 | 0x4600 | page);
}

void start_second(void) {
	u8 *to = (u8 *)0x8000;
	for (u64 i = 0; i < (u64)(second_end - second_begin); i++)
		to[i] = second_begin[i];
	gdt[8] &= ~(2ul << 40); // its TSS is not busy
	start_at(1, 8);
}
