// Memory: device windows, what is not there, page tables out of chance, and code
// out of chance.
#include "hostile.h"

static u64 pick_form(void) { return below((forms_end - forms + 15) / 16); }

// spare_lapic says that an access would be at the register that sends: an INIT to
// oneself is the end.
static int spare_lapic(u64 at) { return (at & ~0xffful) == 0xfee00000 && (at & 0xfff) >= 0x2c0 && (at & 0xfff) < 0x320; }

enum { IOAPIC = 0xfec00000, IOAPIC_DATA = 0x10, IOAPIC_PINS = 24, PIN_MODE = 0x700, PIN_INIT = 0x500, PIN_MASKED = 0x10000 };

// spare masks a pin of the I/O APIC that would send INIT, which is the end: it
// is the one that was written last, or any.
static void spare_pin(void) {
	volatile u32 *data = (u32 *)(IOAPIC + IOAPIC_DATA);
	if ((*data & PIN_MODE) == PIN_INIT)
		*data = PIN_MASKED;
}

static void spare_pins(void) {
	for (u64 i = 0; i < IOAPIC_PINS; i++) {
		*(volatile u32 *)IOAPIC = 0x10 + 2 * i;
		spare_pin();
	}
}

static void access(u64 at) {
	if (spare_lapic(at))
		return;
	WRITE_CR(4, READ_CR(4) | 3 << 9);
	if (once_in(4))
		WRITE_CR(4, READ_CR(4) | 1 << 18);
	u64 other = once_in(2) ? address() : play();
	if (spare_lapic(other))
		return;
	form(pick_form(), at, other, wild(), below(9));
}

static void touch(void *at) {
	access(*(u64 *)at);
	cli();
}

void op_mmio(void) {
	u64 at = window_();
	switch (below(8)) {
	case 0: at = address(); break;
	case 1: at += 0xffd + below(3); break; // across its end
	case 2: at += below(0x1000); break;
	default: at += below(0x140) & ~3ul;
	}
	if ((at & ~0xffful) != IOAPIC) {
		access(at);
		return;
	}
	if (once_in(2)) { // a register of the I/O APIC that means something
		*(volatile u32 *)IOAPIC = below(0x44);
		at = IOAPIC + IOAPIC_DATA;
	}
	guarded(touch, &at);
	spare_pin();
}

// entry_of gives a page-table entry for an address, with rights by chance.
u64 entry_of(u64 at) {
	u64 e = at & 0x000ffffffffff000;
	switch (below(16)) {
	case 0: return e | (any() & 0xfff);
	case 1: return any();
	case 2: return e | 0x83;
	case 3: return e | 7 | 1ul << 51;
	case 4: return e | 7 | 1ul << 63;
	case 5: return e | 1;
	}
	return e | 7;
}

// shuffle changes entries of the tables behind our slot of the PML4: three levels
// in one page after the other, which also name each other.
void shuffle(u64 n) {
	u64 *t = (u64 *)(arena + TABLES);
	for (; n; n--) {
		u64 level = below(3), slot = below(8);
		u64 to = level < 2 && !once_in(8) ? (u64)t + 4096 * (level + 1) : address();
		if (to >= 0x1000000 && to < (u64)arena)
			to = (u64)arena; // not us
		if (to >> 12 == 0xfee00)
			to = (u64)arena; // nor the register that sends
		if (once_in(8))
			slot = 511 - slot;
		t[512 * level + slot] = entry_of(to);
	}
}

u64 play(void) {
	u64 at = (u64)PLAY << 39 | below(4) << 30 | below(8) << 21 | below(8) << 12 | below(4096);
	return once_in(6) ? at | 0xffd : at;
}

void op_play(void) {
	shuffle(below(12) + 1);
	WRITE_CR(0, 0x80000031 | (u64)once_in(2) << 16);
	WRITE_CR(4, 0x20 | (u64)below(4) << 20); // SMEP, SMAP
	flush();
	access(play());
	if (once_in(8))
		__asm__ volatile("call *%0" : : "r"(1ul << 63 | play())); // not canonical
}

// Ring 3: a page of code, one of data, windows of devices, nothing else.
enum { USER_AT = 6 };
static u64 user_pml4, steps, user_regs[15];
static u64 dir[3][512] __attribute__((aligned(4096)));

void tables_user(void) {
	user_pml4 = (u64)USER_AT << 39;
	pml4[USER_AT] = (u64)dir[0] | 7;
	dir[0][0] = (u64)dir[1] | 7;
	dir[1][0] = (u64)dir[2] | 7;
	for (u64 i = 0; i < 8; i++)
		dir[2][i] = (u64)(arena + USER + 4096 * (i & 3)) | 7;
	dir[2][STORM_PAGE] = (u64)storm_page | 7;
	for (u64 i = 0; i < 9; i++)
		dir[2][16 + i] = (0xfe000000 + i * 0x1000) | 0x17;
	dir[2][27] = 0xd0000000 | 7;
	flush();
}

static void step(struct frame *f) {
	WRITE_DR(7, 0x400);
	WRITE_DR(6, 0xffff0ff0);
	if ((f->cs & 3) == 3 && ++steps > 40)
		leave(f, DB);
	if ((f->cs & 3) == 0)
		f->rflags &= ~0x100ul;
}

static void tick(struct frame *f) {
	wrmsr(EOI, 0);
	if ((f->cs & 3) == 3)
		leave(f, TICK);
}

// code fills a page with instructions of which many have a device as operand.
static void code(u8 *to) {
	static const u8 prefixes[] = {0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x64, 0x65, 0x2e, 0x36};
	for (u64 i = 0; i < 64;) {
		if (once_in(3)) {
			to[i++] = any();
			continue;
		}
		for (u64 n = below(3); n; n--)
			to[i++] = prefixes[below(sizeof prefixes)];
		if (once_in(2))
			to[i++] = 0x40 | below(16);
		if (once_in(3))
			to[i++] = 0x0f;
		to[i++] = any();
		u8 modrm = below(8) << 3 | (u8[]){3, 6, 7, 5}[below(4)];
		to[i++] = once_in(3) ? modrm | 0x40 : modrm;
		if (once_in(3))
			to[i++] = any();
	}
}

static void play_user(void *arg) {
	(void)arg;
	handlers[DB] = step;
	handlers[TICK] = tick;
	steps = 0;
	reset_apic();
	wrmsr(EFER, 0xd00); // no SYSCALL
	wrmsr(0x174, 0);    // no SYSENTER
	code(arena + USER);
	for (u64 i = 0; i < 15; i++)
		user_regs[i] = once_in(3) ? wild() : user_pml4 + (16 + below(12)) * 4096 + (below(0x110) & ~3ul);
	user_regs[13] = below(8); // RCX
	u64 open = once_in(2) ? 0 : 0xff;
	for (u64 i = 0; i < 256; i++)
		tss[0][104 + i] = root ? 0xff : open;
	static const u16 ours[] = {0x60, 0x3f0, 0x3f8, 0x5f8, 0x600, 0x608, 0xcf8}; // what resets us, switches us off, or speaks for us
	for (u64 i = 0; i < sizeof ours / sizeof *ours; i++)
		tss[0][104 + ours[i] / 8] = 0xff;
	if (once_in(4))
		shuffle(4);
	WRITE_CR(4, READ_CR(4) | (once_in(2) ? 1 << 18 | 3 << 9 : 0));
	wrmsr(DEADLINE, rdtsc() + 40000);
	user(user_regs, user_pml4 + below(4), user_pml4 + 0x3800, 0x302 | (any() & 0x40cd5));
}

void op_user(void) {
	u64 pins = once_in(4);
	dir[2][26] = pins ? IOAPIC | 0x17 : 0;
	flush();
	guarded(play_user, 0);
	cli();
	if (pins)
		spare_pins();
}
