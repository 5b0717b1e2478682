// The serial line, and the end.
#include "kit.h"

enum { SERIAL = 0x3f8 };

void put(char c) {
	for (u64 i = 0; i < 100000000 && !(inb(SERIAL + 5) & 0x20); i++)
		;
	outb(SERIAL, c);
}

void say(const char *s) {
	outb(SERIAL + 4, 3); // no loopback
	outb(SERIAL + 3, 3); // no divisor latch
	for (; *s; s++)
		put(*s);
}

void hex(u64 v) {
	int shift = 60;
	while (shift && !(v >> shift))
		shift -= 4;
	say("0x");
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[v >> shift & 15]);
}

void decimal(u64 v) {
	if (v >= 10)
		decimal(v / 10);
	put('0' + v % 10);
}

void line(const char *what, u64 n) {
	say(what);
	say(" ");
	decimal(n);
	say("\r\n");
}

// drain waits until the line has sent what the hypervisor keeps of it.
static void drain(void) {
	for (u64 end = rdtsc() + 3000ul * cpuid(0x40000010, 0).a; rdtsc() < end;)
		__asm__ volatile("pause");
}

void finish(void) {
	cli();
	if (is_root()) {
		drain();
		for (const char *s = "Shutdown"; *s; s++)
			outb(0x8900, *s); // Bochs ends here
		outw(0xb004, 0x2000); // ACPI S5 of the PIIX4 as Bochs places it
		outw(0x604, 0x2000);  // and as QEMU does
	}
	outw(0x604, 0x3400); // that of a guest
	for (;;)
		__asm__ volatile("cli; hlt");
}
