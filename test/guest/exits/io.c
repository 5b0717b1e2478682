// Ports: all sizes, strings in all directions, faults in the middle. The UART
// is in loopback, so what is sent comes back.
#include "guest.h"

enum { COM = 0x3f8, SCR = COM + 7 };

static void loopback(int on) {
	u8 lcr = inb(COM + 3);
	(void)lcr;
	for (u64 end = rdtsc() + 1000000; rdtsc() < end;)
		;
	outb(COM + 4, on ? 0x13 : 0x03);
	outb(COM + 2, 0x07); // FIFO on and empty
}

void test_io(void) {
	u64 a = 0x1122334455667788;
	outb(SCR, 0x3c);
	__asm__ volatile("inb %w1, %%al" : "+a"(a) : "d"(SCR));
	eq("IN AL keeps the rest", a, 0x112233445566773c);
	__asm__ volatile("inw %w1, %%ax" : "+a"(a) : "d"(SCR));
	eq("IN AX keeps the rest", a, 0x112233445566ff3c);
	__asm__ volatile("inl %w1, %%eax" : "+a"(a) : "d"(SCR));
	eq("IN EAX clears the upper half", a, 0xffffff3c);
	a = 0x7f;
	__asm__ volatile("inb $0x21, %%al" : "+a"(a));
	eq("IN AL imm8", a, 0xff);
	__asm__ volatile("outw %%ax, %w1" : : "a"(0x1177), "d"(SCR));
	eq("OUT AX", inb(SCR), 0x77);
	__asm__ volatile("outl %%eax, %w1" : : "a"(0x11223344), "d"(SCR));
	eq("OUT EAX", inb(SCR), 0x44);
	outb(COM + 3, 0x03);
	__asm__ volatile("inl %w1, %%eax" : "+a"(a) : "d"(COM - 2));
	__asm__ volatile("outl %%eax, %w1" : : "a"(0x80808080), "d"(COM + 1));
	eq("OUT EAX from below changes nothing", inb(COM + 3), 0x03);
	__asm__ volatile("outl %%eax, %w1" : : "a"(0xa5a5a5a5), "d"(COM - 2));
	__asm__ volatile("outw %%ax, %w1" : : "a"(0xffff), "d"(0xf4f));
	u64 b = inb(SCR);
	eq("UART unchanged", b, 0x44);
	__asm__ volatile("inl %w1, %%eax" : "=a"(a) : "d"(0xf50));
	eq("IN of the hypercall port reads ones", a, 0xffffffff);
}

static u8 page[3 * 4096] __attribute__((aligned(4096)));

// window maps the two pages at spare+4096… at an address of their own, so that
// they can be taken away.
static u8 *window(int first, int second) {
	u64 *pt = spare, *d = spare + 512, *p = spare + 1024;
	p[0] = (u64)d | 7;
	d[0] = (u64)pt | 7;
	pml4[1] = (u64)p | 7;
	pt[0] = first ? ((u64)page | 7) : 0;
	pt[1] = second ? ((u64)page + 4096) | 7 : 0;
	flush();
	return (u8 *)(1ul << 39);
}

void test_string(void) {
	static u8 out[16] = "0123456789abcdef";
	u8 *w = window(1, 1);
	loopback(1);
	u64 si = (u64)out, cx = 16, di;
	__asm__ volatile("rep outsb" : "+S"(si), "+c"(cx) : "d"(COM) : "memory");
	u64 sum = 0;
	for (int i = 0; i < 16; i++)
		sum += inb(COM) != out[i];
	u64 si1 = si - (u64)out, cx1 = cx;
	// Across a page, forward.
	for (int i = 0; i < 16; i++)
		w[4088 + i] = 0x40 + i;
	si = (u64)w + 4088, cx = 16;
	__asm__ volatile("rep outsb" : "+S"(si), "+c"(cx) : "d"(COM) : "memory");
	u64 si2 = si - (u64)w, back = 0;
	for (int i = 0; i < 16; i++)
		back += inb(COM) != 0x40 + i;
	// And backward, in and out.
	si = (u64)w + 4103, cx = 16;
	__asm__ volatile("std; rep outsb; cld" : "+S"(si), "+c"(cx) : "d"(COM) : "memory");
	u64 si3 = si - (u64)w;
	di = (u64)w + 4200, cx = 8;
	__asm__ volatile("rep insb" : "+D"(di), "+c"(cx) : "d"(COM) : "memory");
	u64 di3 = di - (u64)w;
	di = (u64)w + 4099, cx = 8;
	__asm__ volatile("std; rep insb; cld" : "+D"(di), "+c"(cx) : "d"(COM) : "memory");
	u64 di4 = di - (u64)w, in = 0;
	for (int i = 0; i < 8; i++)
		in += w[4200 + i] != 0x4f - i;
	for (int i = 0; i < 8; i++)
		in += w[4099 - i] != 0x47 - i;
	// Words and doublewords at the scratch register, across the page.
	*(u32 *)(w + 4094) = 0x11223344;
	si = (u64)w + 4094;
	__asm__ volatile("outsl" : "+S"(si) : "d"(SCR) : "memory");
	u64 scr = inb(SCR);
	*(u32 *)(w + 4092) = *(u32 *)(w + 4096) = 0;
	outb(SCR, 0x99);
	di = (u64)w + 4095, cx = 1;
	__asm__ volatile("rep insw" : "+D"(di), "+c"(cx) : "d"(SCR) : "memory");
	u64 insw = *(u16 *)(w + 4095) | (u64)w[4097] << 16;
	di = (u64)w + 4093;
	__asm__ volatile("insl" : "+D"(di) : "d"(SCR) : "memory");
	u64 insl = *(u32 *)(w + 4093);
	// 32-bit addresses: the upper halves are cleared by the update, count in ECX.
	si = 0xffffffff00000000 | (u64)out, cx = 0xabcd000000000004;
	__asm__ volatile("addr32 rep outsb" : "+S"(si), "+c"(cx) : "d"(COM) : "memory");
	u64 a32 = 0;
	for (int i = 0; i < 4; i++)
		a32 += inb(COM) != out[i];
	u64 si5 = si, cx5 = cx;
	// A count of 0, and a segment with a base.
	si = 0x123, cx = 0;
	__asm__ volatile("rep outsb" : "+S"(si), "+c"(cx) : "d"(COM) : "memory");
	u64 none = si;
	u64 old = rdmsr(0xc0000100);
	wrmsr(0xc0000100, (u64)out - 8);
	si = 8;
	__asm__ volatile("outsb %%fs:(%%rsi), %%dx" : "+S"(si) : "d"(COM) : "memory");
	u64 fs = inb(COM);
	wrmsr(0xc0000100, old);
	// The second page is not there.
	window(1, 0);
	si = (u64)w + 4092, cx = 9;
	u64 v = TRY("rep outsb", : "+S"(si), "+c"(cx) : "d"(COM) : "memory"), e = last.error, cr2 = last.cr2;
	u64 si6 = si - (u64)w, cx6 = cx;
	outb(COM + 2, 0x07);
	for (int i = 0; i < 9; i++)
		outb(COM, i);
	di = (u64)w + 4092, cx = 9;
	u64 vi = TRY("rep insb", : "+D"(di), "+c"(cx) : "d"(COM) : "memory"), ei = last.error, cr2i = last.cr2;
	u64 di6 = di - (u64)w, cx7 = cx, next = inb(COM);
	spare[1] = ((u64)page + 4096) | 5; // not writable
	flush();
	di = (u64)w + 4095;
	u64 vw = TRY("insw", : "+D"(di) : "d"(SCR) : "memory"), ew = last.error, cr2w = last.cr2;
	si = 1ul << 63;
	u64 nc = TRY("outsb", : "+S"(si) : "d"(COM) : "memory");
	loopback(0);

	eq("REP OUTSB", sum, 0);
	ok("REP OUTSB registers", si1 == 16 && cx1 == 0);
	eq("REP OUTSB across a page", back, 0);
	eq("its RSI", si2, 4104);
	eq("REP OUTSB backward: RSI", si3, 4087);
	ok("REP INSB: RDI", di3 == 4208 && di4 == 4091);
	eq("REP INSB forward and backward", in, 0);
	eq("OUTSL across a page", scr, 0x44);
	eq("REP INSW across a page", insw, 0xff99);
	eq("INSL across a page", insl, 0xffffff99);
	eq("addr32 REP OUTSB", a32, 0);
	eq("addr32 REP OUTSB: ESI", si5, (u64)out + 4);
	eq("addr32 REP OUTSB: ECX", cx5, 0);
	eq("REP OUTSB of none", none, 0x123);
	eq("OUTSB FS:", fs, '0');
	ok("#PF inside REP OUTSB", v == PF && e == 0 && cr2 == (u64)w + 4096 && si6 == 4096 && cx6 == 5);
	ok("#PF inside REP INSB", vi == PF && ei == 2 && cr2i == (u64)w + 4096 && di6 == 4096 && cx7 == 5);
	eq("the byte that met it is still there", next, 4);
	ok("#PF of a page that cannot be written", vw == PF && ew == 3 && cr2w == (u64)w + 4096);
	eq("OUTSB of a non-canonical address #GP", nc, GP);
}
