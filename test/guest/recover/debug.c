// Port 0xe9 of the emulator, which root reaches without an exit.
#include "recover.h"

void tell(const char *s) {
	for (; *s; s++)
		outb(0xe9, *s);
}

void tell_number(u64 v) {
	char text[17];
	int n = 16;
	text[16] = 0;
	do {
		text[--n] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	tell(" ");
	tell(text + n);
}
