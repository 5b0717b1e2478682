// A kernel of a PC of old: its interrupts come from two 8259s, its time from an
// 8254, and it has never heard of a local APIC. It says what it finds, one line a
// check.
#include "../kit/kit.h"

enum { MASTER = 0x20, SLAVE = 0xa0, PIT = 0x40, PIT_CONTROL = 0x43, SPEAKER = 0x61, SERIAL = 0x3f8, HZ = 1193182 };

static u64 checks, failed;
static volatile u64 ticks, serials, others, spurious;
static volatile int ends = 1; // handlers end their interrupts

static void check(const char *name, int good, u64 got) {
	checks++;
	failed += !good;
	say(good ? "PASS " : "FAIL ");
	say(name);
	line(",", got);
}

static u8 isr(u16 chip) {
	outb(chip, 0x0b);
	u8 v = inb(chip);
	outb(chip, 0x0a);
	return v;
}

static void on_tick(struct frame *f) {
	(void)f;
	ticks++;
	if (ends)
		outb(MASTER, 0x20);
}

static void on_serial(struct frame *f) {
	(void)f;
	serials++;
	inb(SERIAL + 2);
	inb(SERIAL);
	outb(MASTER, 0x64); // specific: line 4
}

static void on_other(struct frame *f) {
	if (f->vector == 0x27 && !(isr(MASTER) & 0x80)) {
		spurious++;
		return;
	}
	others++;
	if (f->vector >= 0x28)
		outb(SLAVE, 0x20);
	outb(MASTER, 0x20);
}

static void pics(u8 icw4) {
	u16 chips[] = {MASTER, SLAVE};
	for (int i = 0; i < 2; i++) {
		outb(chips[i], 0x11);
		outb(chips[i] + 1, 0x20 + 8 * i);
		outb(chips[i] + 1, i ? 2 : 4);
		outb(chips[i] + 1, icw4);
		outb(chips[i] + 1, 0xff);
	}
}

static void timer(u8 mode, u16 count) {
	outb(PIT_CONTROL, 0x30 | mode << 1);
	outb(PIT, count);
	outb(PIT, count >> 8);
}

static u64 per_second; // TSC ticks

// until waits with interrupts on, halted or not, until n ticks or so many seconds
// have passed.
static u64 until(u64 n, u64 seconds, int halt) {
	u64 start = rdtsc();
	while (ticks < n && rdtsc() - start < seconds * per_second)
		if (halt)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		else
			__asm__ volatile("sti; pause; cli" : : : "memory");
	return rdtsc() - start;
}

static void test_timer(void) {
	per_second = 1000ul * cpuid(0x40000010, 0).a;
	outb(SPEAKER, 1); // counter 2 as Linux measures the TSC by it
	outb(PIT_CONTROL, 0xb0);
	outb(PIT + 2, 0x9c);
	outb(PIT + 2, 0x2e); // 10 ms
	u64 start = rdtsc(), polls = 0;
	while (!(inb(SPEAKER) & 0x20) && polls++ < 1000000)
		;
	u64 took = rdtsc() - start;
	check("10 ms by counter 2 are 10 ms by the TSC, per mille", took * 100000 / per_second > 990 && took * 100000 / per_second < 1100, took * 100000 / per_second);
	handlers[0x20] = on_tick;
	outb(MASTER + 1, 0xfe);
	timer(2, HZ / 1000);
	u64 span = until(100, 5, 1);
	check("100 ticks of a millisecond", ticks >= 100, ticks);
	check("they take a tenth of a second, per mille", span * 10000 / per_second > 950 && span * 10000 / per_second < 1300, span * 10000 / per_second);
	ticks = 0;
	timer(3, HZ / 1000);
	until(50, 5, 0);
	check("50 ticks of a square wave", ticks >= 50, ticks);
	ticks = 0;
	timer(0, 5000);
	until(2, 1, 0);
	check("one shot is one tick", ticks == 1, ticks);
	ticks = 0;
	outb(MASTER + 1, 0xff);
	timer(2, HZ / 1000);
	until(1, 1, 0);
	check("masked, no tick comes", ticks == 0, ticks);
	outb(MASTER, 0x0a);
	check("but one waits", inb(MASTER) & 1, inb(MASTER));
	timer(0, 0xffff);
	outb(MASTER + 1, 0xfe);
	until(1, 1, 0);
	check("and comes when the mask goes", ticks >= 1, ticks);
}

static void test_pics(void) {
	ticks = 0;
	ends = 0;
	timer(2, HZ / 1000);
	outb(MASTER + 1, 0xfe);
	until(1, 1, 0);
	u64 start = rdtsc();
	while (rdtsc() - start < per_second / 100)
		__asm__ volatile("sti; pause; cli");
	check("without an end there is no second one", ticks == 1, ticks);
	check("it is in service", isr(MASTER) == 1, isr(MASTER));
	ends = 1;
	outb(MASTER, 0x20);
	until(5, 1, 1);
	check("it goes on after the end", ticks >= 5, ticks);
	pics(3); // automatic ends
	ends = 0;
	ticks = 0;
	outb(MASTER + 1, 0xfe);
	until(5, 1, 1);
	check("automatic ends", ticks >= 5, ticks);
	ends = 1;
	pics(1);

	handlers[0x24] = on_serial;
	outb(MASTER + 1, 0xef);
	outb(SERIAL + 3, 3);
	outb(SERIAL + 4, 0xb); // OUT2 lets the interrupt through
	outb(SERIAL + 1, 2);   // when there is room to send
	for (int i = 0; i < 100000 && !serials; i++)
		__asm__ volatile("sti; pause; cli");
	outb(SERIAL + 1, 0);
	outb(SERIAL + 4, 3);
	check("the UART interrupts by line 4", serials >= 1, serials);

	outb(MASTER + 1, 0xff);
	outb(MASTER, 0x0c); // poll: nothing
	check("a poll finds nothing", inb(MASTER) == 0, 0);
	timer(2, HZ / 1000);
	start = rdtsc();
	outb(MASTER, 0x0a);
	while (!(inb(MASTER) & 1) && rdtsc() - start < per_second)
		;
	outb(MASTER + 1, 0xfe);
	outb(MASTER, 0x0c);
	u8 got = inb(MASTER);
	check("a poll finds the timer", got == 0x80, got);
	outb(MASTER, 0x20);
	check("the mask of the slave", inb(SLAVE + 1) == 0xff, inb(SLAVE + 1));
	check("edge and level of the slave", inb(0x4d1) == 2, inb(0x4d1));
}

// Through the I/O APIC, whose pin 2 is the timer's.
static void test_ioapic(void) {
	outb(MASTER + 1, 0xff);
	ticks = 0;
	*(volatile u32 *)0xfee000f0 = 0x1ff;
	*(volatile u32 *)0xfee00350 = 1 << 16; // LINT0
	volatile u32 *select = (u32 *)0xfec00000, *window = (u32 *)0xfec00010;
	*select = 0x10 + 2 * 2 + 1;
	*window = 0;
	*select = 0x10 + 2 * 2;
	*window = 0x60;
	timer(2, HZ / 1000);
	u64 n = interrupts, start = rdtsc();
	while (interrupts < n + 5 && rdtsc() - start < per_second)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	check("the timer by pin 2 of the I/O APIC", interrupts >= n + 5, interrupts - n);
	check("and not by the 8259s", ticks == 0, ticks);
	*select = 0x10 + 2 * 2;
	*window = 1 << 16;
	outb(MASTER + 1, 0xfe);
	start = rdtsc();
	while (rdtsc() - start < per_second / 100)
		__asm__ volatile("sti; pause; cli" : : : "memory");
	check("LINT0 is masked: none", ticks == 0, ticks);
	*(volatile u32 *)0xfee00350 = 7 << 8;
	until(3, 1, 1);
	check("LINT0 as ExtINT", ticks >= 3, ticks);
	wrmsr(APIC_BASE, 0xfee00100);
	ticks = 0;
	until(3, 1, 1);
	check("and without a local APIC", ticks >= 3, ticks);
}

void second(void) {}

void guest(void) {
	begin();
	traps(0);
	for (int v = 0x20; v < 0x30; v++)
		handlers[v] = on_other;
	pics(1);
	test_timer();
	test_pics();
	test_ioapic();
	outb(MASTER + 1, 0xff);
	check("no interrupt that nobody wanted", others == 0, others);
	line("spurious", spurious);
	say(failed ? "RESULT: FAIL " : "RESULT: PASS ");
	line("checks", checks);
	finish();
}
