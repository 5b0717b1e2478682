// The calls that root makes, and the records that they take: words as partition/abi
// has them, which a test there compares.
#include "root.h"

enum { VERSION = 1 << 16, CALL_PARTITIONS = 5, CALL_CHECK = 10, CALL_CREATE = 12, CALL_CONTROL, CALL_LOAD = 15, CALL_ENTRY, CALL_DUMP, CALL_READ = 19, CALL_PORT = 21,
	CALL_RESTART = 24, CALL_RESETS = 26, CALL_INJECT, BUSY = -16 };

u64 result; // the second one of the last call

static long call(u64 n, u64 a, u64 b, u64 c, u64 d) {
	register u64 r10 __asm__("r10") = d;
	long rax = n | VERSION;
	__asm__ volatile("vmcall" : "+a"(rax), "+d"(c) : "D"(a), "S"(b), "r"(r10) : "memory");
	result = c;
	return rax;
}

void *zeros(void *to, u64 size) {
	for (u64 i = 0; i < size; i++)
		((u8 *)to)[i] = 0;
	return to;
}

static void text(u8 *to, const char *from) {
	while (*from)
		*to++ = *from++;
}

long create(const char *name, u64 memory, u64 vps, u64 nets) {
	static struct config c;
	static u64 token;
	zeros(&c, sizeof c);
	c.size = sizeof c;
	c.version = 1;
	c.token = ++token;
	text(c.name, name);
	c.memory = memory;
	c.vps = vps;
	c.weight = WEIGHT;
	c.nets = nets;
	return call(CALL_CREATE, (u64)&c, sizeof c, 0, 0);
}

long control(u64 id, u64 op) { return call(CALL_CONTROL, id, op, 0, 0); }

// state returns that of a partition, 0 if there is none.
u64 state(u64 id) {
	static u8 list[16384];
	long n = call(CALL_PARTITIONS, 0, (u64)list, sizeof list, 0);
	for (long at = 0; at < n;) {
		u32 *p = (u32 *)(list + at);
		if (p[2] == id)
			return p[3];
		at += p[0];
	}
	return 0;
}

// load gives a guest the program and the words on its command line, and says where
// it begins.
void load(u64 id, const char *words) {
	static u8 page[4096];
	static struct entry e;
	enum { ZERO_PAGE = 0x90000, WORDS = 0x91000 };
	extern u8 gdt_pointer[], _start[];
	call(CALL_LOAD, id, PROGRAM, COPY, (u64)guest_end - PROGRAM);
	zeros(page, sizeof page);
	*(u32 *)(page + 0x228) = WORDS;
	call(CALL_LOAD, id, ZERO_PAGE, (u64)page, sizeof page);
	zeros(page, sizeof page);
	text(page, words);
	call(CALL_LOAD, id, WORDS, (u64)page, sizeof page);
	e = (struct entry){.size = sizeof e, .version = 1, .mode = 1, .gdt_limit = *(u16 *)gdt_pointer, .rip = (u64)_start, .rsi = ZERO_PAGE,
		.cr3 = (u64)pml4, .gdt = (u64)gdt, .cs = CODE, .ds = DATA};
	call(CALL_ENTRY, id, (u64)&e, sizeof e, 0);
}

// dump reads a virtual processor's registers.
void dump(u64 id, u64 vp, u64 *to) {
	while (call(CALL_DUMP, id, vp, (u64)to, REGISTERS * 8) == BUSY)
		nap();
}

long heard(u64 id, u64 at, u8 *to, u64 size) { return call(CALL_READ, id, at, (u64)to, size); }

void last_reset(u64 *to) { call(CALL_RESETS, 0, (u64)to, RESET * 8, 0); }

long inject(u64 op, u64 *record) { return call(CALL_INJECT, op, (u64)record, INJECTION * 8, 0); }

long check_call(u64 request, u64 *to) { return call(CALL_CHECK, request, (u64)to, CHECK * 8, 0); }

long port(u64 id, u64 index, u64 *to) { return call(CALL_PORT, id, index, (u64)to, PORT * 8); }

long restart_call(u64 op, u64 a, u64 b, u64 c) { return call(CALL_RESTART, op, a, b, c); }
