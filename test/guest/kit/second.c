// Starting the second processor, which must be one with APIC id 1.
#include "kit.h"

extern u8 second_begin[], second_end[];

void start_second(void) {
	u8 *to = (u8 *)0x8000;
	for (u64 i = 0; i < (u64)(second_end - second_begin); i++)
		to[i] = second_begin[i];
	gdt[8] &= ~(2ul << 40); // its TSS is not busy
	wrmsr(ICR, 1ul << 32 | 0x4500);
	for (int i = 0; i < 100; i++)
		__asm__ volatile("pause");
	wrmsr(ICR, 1ul << 32 | 0x4608);
}
