// The serial line, and what is known so far.
#include "guest.h"

enum { SERIAL = 0x3f8 };

static u64 checks, failed;

void put(char c) {
	while (!(inb(SERIAL + 5) & 0x20))
		;
	outb(SERIAL, c);
}

void say(const char *s) {
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

static void decimal(u64 v) {
	if (v >= 10)
		decimal(v / 10);
	put('0' + v % 10);
}

void eq(const char *name, u64 got, u64 want) {
	checks++;
	if (got == want) {
		say("PASS ");
		say(name);
	} else {
		failed++;
		say("FAIL ");
		say(name);
		say(" got ");
		hex(got);
		say(" want ");
		hex(want);
	}
	say("\r\n");
}

void ok(const char *name, int good) { eq(name, !!good, 1); }

void quietly(const char *name, u64 bad, u64 of) {
	if (!of)
		bad = ~0ul;
	eq(name, bad, 0);
}

int asked(const char *word) {
	const char *line = (const char *)(u64) * (u32 *)(zero_page + 0x228);
	for (; line && *line; line++) {
		int i = 0;
		while (word[i] && line[i] == word[i])
			i++;
		if (!word[i])
			return 1;
	}
	return 0;
}

// drain waits, mostly halted, until the line has sent what the hypervisor keeps
// of it: three seconds.
static void drain(void) {
	handlers[0xe1] = interrupt;
	wrmsr(0x1b, rdmsr(0x1b) | 0xc00);
	wrmsr(SVR, 0x1ff);
	wrmsr(TPR, 0);
	wrmsr(LVT_TIMER, 2 << 17 | 0xe1);
	for (u64 end = rdtsc() + 3000ul * cpuid(0x40000010, 0).a; rdtsc() < end;) {
		wrmsr(DEADLINE, end);
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	}
}

void finish(void) {
	cli();
	say(failed ? "RESULT: FAIL " : "RESULT: PASS ");
	decimal(checks);
	say(" checks\r\n");
	drain();
	for (const char *s = "Shutdown"; *s; s++)
		outb(0x8900, *s); // Bochs ends here
	outw(0xb004, 0x2000); // ACPI S5 of the PIIX4 as Bochs places it
	outw(0x604, 0x2000);  // and as QEMU does
	for (;;)
		__asm__ volatile("cli; hlt");
}
