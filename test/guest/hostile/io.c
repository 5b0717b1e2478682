// Ports: of all sizes, alone and in strings.
#include "hostile.h"

enum { SERIAL = 0x3f8 };

// port gives one that may be accessed; writing some would be the end.
static u16 port(int write) {
	static const u16 emulated[] = {0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, SERIAL + 1, SERIAL + 2, SERIAL + 3, SERIAL + 4, SERIAL + 5, SERIAL + 6, SERIAL + 7};
	static const u16 often[] = {0x40, 0x41, 0x42, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x80, 0x92, 0xcf8, 0xcfc, 0xcf9, 0xf50, 0xf51, 0xb004, 0x5658, 0x600, 0x602, 0x604, 0x608, SERIAL};
	for (;;) {
		u16 p = emulated[below(sizeof emulated / sizeof *emulated)];
		if (!root && once_in(2))
			p = once_in(2) ? often[below(sizeof often / sizeof *often)] : any();
		if (write && ((p > SERIAL - 4 && p <= SERIAL) || (p > 0x600 - 4 && p < 0x60c)))
			continue; // our own words; our own power
		if (write && (p == 0x64 || p == 0xcf9))
			continue; // our own reset
		return p;
	}
}

void op_port(void) {
	u32 a = wild();
	u16 p = port(1);
	switch (below(6)) {
	case 0: __asm__ volatile("outb %b0, %w1" : : "a"(a), "d"(p)); break;
	case 1: __asm__ volatile("outw %w0, %w1" : : "a"(a), "d"(p)); break;
	case 2: __asm__ volatile("outl %k0, %w1" : : "a"(a), "d"(p)); break;
	case 3: __asm__ volatile("inb %w1, %b0" : "+a"(a) : "d"(port(0))); break;
	case 4: __asm__ volatile("inw %w1, %w0" : "+a"(a) : "d"(port(0))); break;
	case 5: __asm__ volatile("inl %w1, %k0" : "+a"(a) : "d"(port(0))); break;
	}
}

void op_string(void) {
	u64 at = once_in(3) ? play() : address(), n = once_in(4) ? below(24) : below(6), d = once_in(8);
	u16 p = port(1);
	if (once_in(16))
		n = wild();
	if (n > 24) { // it meets a page that is not there, or the timer
		at = play();
		hurry();
	}
	if (d)
		__asm__ volatile("std");
	switch (below(8)) {
	case 0: __asm__ volatile("rep insb" : "+D"(at), "+c"(n) : "d"(p) : "memory"); break;
	case 1: __asm__ volatile("rep insw" : "+D"(at), "+c"(n) : "d"(p) : "memory"); break;
	case 2: __asm__ volatile("rep insl" : "+D"(at), "+c"(n) : "d"(p) : "memory"); break;
	case 3: __asm__ volatile("rep outsb" : "+S"(at), "+c"(n) : "d"(p) : "memory"); break;
	case 4: __asm__ volatile("rep outsw" : "+S"(at), "+c"(n) : "d"(p) : "memory"); break;
	case 5: __asm__ volatile("rep outsl" : "+S"(at), "+c"(n) : "d"(p) : "memory"); break;
	case 6: __asm__ volatile("addr32 insl" : "+D"(at) : "d"(p) : "memory"); break;
	case 7: __asm__ volatile("addr32 outsl" : "+S"(at) : "d"(p) : "memory"); break;
	}
	__asm__ volatile("cld");
}

// op_uart writes all registers, with its output looped back.
void op_uart(void) {
	outb(SERIAL + 4, 0x10 | below(16));
	for (u64 n = below(12); n; n--) {
		u64 r = below(8);
		if (r != 4 && (r != 0 || (inb(SERIAL + 4) & 0x10)))
			outb(SERIAL + r, any());
		inb(SERIAL + below(8));
	}
	outb(SERIAL + 1, 0);
	outb(SERIAL + 2, 0);
	outb(SERIAL + 3, 3);
}
