// What guests that measure have in common: their types, instructions, console and
// traps. Each guest is one file that includes this one.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port)); }
static inline void outw(u16 port, u16 v) { __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline u64 rdtsc(void) { u32 a, d; __asm__ volatile("rdtsc" : "=a"(a), "=d"(d)); return a | (u64)d << 32; }
static inline void wrmsr(u32 msr, u64 v) { __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }
static inline u64 rdmsr(u32 msr) { u32 a, d; __asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(msr)); return a | (u64)d << 32; }

enum { SERIAL = 0x3f8 };
extern void gate_bad(void);

static void put(char c) {
	while (!(inb(SERIAL + 5) & 0x20))
		;
	outb(SERIAL, c);
}

static void say(const char *s) {
	for (; *s; s++)
		put(*s);
}

static void number(u64 v) {
	char digits[20];
	int n = 0;
	do
		digits[n++] = '0' + v % 10;
	while (v /= 10);
	while (n)
		put(digits[--n]);
}

// settle waits until the line has nothing left to send, whatever the hypervisor
// keeps of it, so that no interrupt of the line's falls into a measurement.
static void settle(void) {
	for (u64 end = rdtsc() + 2000000; rdtsc() < end;)
		__asm__ volatile("pause");
}

static void finish(void) {
	say("RESULT end\r\n");
	settle();
	for (const char *s = "Shutdown"; *s; s++)
		outb(0x8900, *s); // Bochs ends here
	outw(0xb004, 0x2000); // ACPI S5 of the PIIX4 as Bochs places it
	outw(0x604, 0x2000);  // and as QEMU does
	for (;;)
		__asm__ volatile("cli; hlt");
}

void bad_trap(u64 a, u64 b) {
	say("RESULT trap at ");
	number(a);
	say(" or ");
	number(b);
	say("\r\n");
	finish();
}

static struct gate { u16 low; u16 selector; u16 flags; u16 mid; u32 high; u32 zero; } idt[256] __attribute__((aligned(16)));

static void set_gate(int vector, void (*to)(void)) {
	u64 a = (u64)to;
	idt[vector] = (struct gate){a, 8, 0x8e00, a >> 16, a >> 32, 0};
}

// take_traps has everything that arrives end the guest, until set_gate says more.
static void take_traps(void) {
	for (int v = 0; v < 256; v++)
		set_gate(v, gate_bad);
	struct { u16 limit; u64 base; } __attribute__((packed)) p = {sizeof idt - 1, (u64)idt};
	__asm__ volatile("lidt %0" : : "m"(p));
}
