// Guests: each is this program, with words of its own.
#include "recover.h"

enum { KEPT = 32 << 20, AT = 0x100000, INFO = 0x9000 };
extern u8 image_end[], _start[];
static u64 length, token;
u64 record[512] __attribute__((aligned(4096)));

static void copy(u8 *to, const u8 *from, u64 n) { __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory"); }

void keep_image(void) {
	length = (u64)image_end - AT;
	copy((u8 *)KEPT, (u8 *)AT, length);
}

static u64 wait_for(struct guest *g, u64 while_state) {
	u64 s = while_state;
	for (u64 end = rdtsc() + 50000000; s == while_state && rdtsc() < end;) {
		s = 0;
		long n = call(CALL_PARTITIONS, 0, (u64)record, sizeof record, 0);
		for (u64 *p = record; (u8 *)p < (u8 *)record + (n > 0 ? n : 0); p += (u32)p[0] / 8)
			if ((u32)p[1] == g->id)
				s = p[1] >> 32;
	}
	return s;
}

// Fields of abi.Config and abi.Entry.
enum { CONFIG = 39, DISKS = 14, DISK = 19, ENTRY = 10, FLAT = 2 };

int declare_guest(struct guest *g, u64 size) {
	static u64 c[CONFIG];
	for (u64 i = 0; i < CONFIG; i++)
		c[i] = 0;
	c[0] = CONFIG * 8 | 1ul << 32;
	c[1] = ++token;
	for (u64 i = 0; g->name[i]; i++)
		((u8 *)(c + 2))[i] = g->name[i];
	c[6] = size;
	c[7] = 1;
	if (g->disk) {
		c[DISKS] = 1ul << 32;
		c[DISK] = 2;
		c[DISK + 1] = g->disk;
	}
	long id = call(CALL_CREATE, (u64)c, sizeof c, 0, 0);
	if (id <= 0)
		return 0;
	*g = (struct guest){g->name, g->words, id, 0, 0, 0, 0, g->disk};
	return 1;
}

int fill_guest(struct guest *g) {
	static u32 info[128] __attribute__((aligned(4096)));
	for (u64 i = 0; i < 128; i++)
		info[i] = 0;
	info[0] = 4;
	info[4] = INFO + 256; // the words
	info[34] = info[36] = 0xffff;
	info[35] = 0x00cf9b00;
	info[37] = 0x00cf9300;
	for (u64 i = 0; g->words[i]; i++)
		((u8 *)info)[256 + i] = g->words[i];
	if (call(CALL_LOAD, g->id, AT, KEPT, length) != (long)length)
		return 3;
	if (call(CALL_LOAD, g->id, INFO, (u64)info, sizeof info) != (long)sizeof info)
		return 4;
	return 0;
}

int enter_guest(struct guest *g) {
	static u64 e[ENTRY];
	for (u64 i = 0; i < ENTRY; i++)
		e[i] = 0;
	e[0] = ENTRY * 8 | 1ul << 32;
	e[1] = FLAT | 23ul << 32;
	e[2] = (u64)_start;
	e[3] = 0x8000;
	e[4] = 0x2badb002;
	e[5] = INFO;
	e[8] = INFO + 128;
	e[9] = 8 | 16ul << 32;
	return call(CALL_ENTRY, g->id, (u64)e, sizeof e, 0) < 0 ? 5 : 0;
}

int load_guest(struct guest *g) {
	int e = fill_guest(g);
	return e ? e : enter_guest(g);
}

int create_guest(struct guest *g, strike *before) {
	before(DEED_CREATE);
	if (!declare_guest(g, SIZE))
		return 1;
	if (wait_for(g, CREATING) != CREATED)
		return 2;
	return load_guest(g);
}

static void nothing(u64 deed) { (void)deed; }

int make_guest(struct guest *g) {
	int e = create_guest(g, nothing);
	return e ? e : call(CALL_CONTROL, g->id, OP_START, 0, 0) < 0 ? 6 : 0;
}

// The state that a guest is in after an operation.
static int reaches(struct guest *g, u64 state) {
	u64 s = 0;
	for (u64 end = rdtsc() + 50000000; rdtsc() < end;)
		if ((s = wait_for(g, ~0ul)) == state || (state == RUNNING && (s == RUNNABLE || s == HALTED)))
			return 1;
	return 0;
}

int lead_guest(struct guest *g, strike *before) {
	static const struct { u64 op, state; } deeds[] = {
		[DEED_START] = {OP_START, RUNNING}, [DEED_PAUSE] = {OP_PAUSE, PAUSED}, [DEED_RESUME] = {OP_RESUME, RUNNING},
		[DEED_STOP] = {OP_STOP, OFF}, [DEED_DESTROY] = {OP_DESTROY, 0},
	};
	int e = create_guest(g, before);
	for (u64 i = DEED_START; i < DEEDS && !e; i++) {
		before(i);
		long n = i == DEED_SET ? call(CALL_SET, g->id, SET_WEIGHT, 50 + (token & 15), 0) : call(CALL_CONTROL, g->id, deeds[i].op, 0, 0);
		if (n < 0)
			e = 10 + i;
		else if (i != DEED_SET && !reaches(g, deeds[i].state))
			e = 20 + i;
	}
	return e;
}

int drop_guest(struct guest *g) {
	call(CALL_CONTROL, g->id, OP_DESTROY, 0, 0);
	for (u64 s = RUNNABLE, end = rdtsc() + 50000000; s; s = wait_for(g, s))
		if (rdtsc() > end)
			return 1;
	return 0;
}

u64 hear_guest(struct guest *g) {
	static u8 text[256];
	for (;;) {
		long n = call(CALL_READ, g->id, g->heard, (u64)text, sizeof text);
		if (n <= 0)
			break;
		g->heard = second_result;
		for (long i = 0; i < n; i++)
			if (text[i] == '.') {
				g->beats++;
			} else {
				g->lost = 1;
				g->odd = g->odd << 8 | text[i];
			}
	}
	return wait_for(g, ~0ul);
}
