// Virtqueues as no driver makes them.
#include "hostile.h"

enum { BASE = 0xfe000000, STRIDE = 0x1000, SLOTS = 8,
	MAGIC = 0, DEVICE_ID = 8, FEATURES = 0x10, FEATURES_SEL = 0x14, DRIVER = 0x20, DRIVER_SEL = 0x24, QUEUE_SEL = 0x30, QUEUE_MAX = 0x34,
	QUEUE_NUM = 0x38, QUEUE_READY = 0x44, NOTIFY = 0x50, INT_STATUS = 0x60, INT_ACK = 0x64, STATUS = 0x70, DESC = 0x80, AVAIL = 0x90,
	USED = 0xa0, GENERATION = 0xfc, CONFIG = 0x100 };

struct desc { u64 addr; u32 len; u16 flags, next; };
struct ring { u16 flags, idx, ring[256]; };

static volatile u32 *reg(u64 slot, u64 off) { return (u32 *)(BASE + slot * STRIDE + off); }

static int there(u64 slot) { return !root && *reg(slot, MAGIC) == 0x74726976 && *reg(slot, DEVICE_ID) != 0; }

u64 windows(void) {
	u64 n = 0;
	for (u64 i = 0; i < SLOTS; i++)
		n += there(i);
	return n;
}

// The rings of queue q of a slot, one page each.
static u8 *page(u64 slot, u64 q, u64 part) { return arena + RINGS + ((slot * 4 + (q & 3)) * 4 + part) * 4096; }

static void put64(u64 slot, u64 off, u64 v) {
	*reg(slot, off) = v;
	if (v >> 32 || once_in(4)) // reset made it 0
		*reg(slot, off + 4) = v >> 32;
}

static void descriptor(struct desc *d, u64 n) {
	d->addr = once_in(3) ? address() : (u64)arena + USER + below(32768);
	switch (below(6)) {
	case 0: d->len = wild(); break;
	case 1: d->len = 0; break;
	case 2: d->len = 512; break;
	case 3: d->len = 16; break;
	default: d->len = below(2048);
	}
	d->flags = once_in(4) ? any() : below(4);
	d->next = once_in(4) ? any() : below(n ? n : 1);
}

// request makes descriptor heads that a block device and a network card take
// for something: a header, data, a status byte.
static void request(struct desc *d, u64 n) {
	u32 *head = (u32 *)(arena + USER + 16384);
	head[0] = once_in(4) ? any() : below(6);
	head[1] = 0;
	*(u64 *)(head + 2) = once_in(4) ? wild() : below(64);
	if (n < 4)
		return;
	u64 at = below(n - 3);
	d[at] = (struct desc){(u64)head, 16, 1, at + 1};
	d[at + 1] = (struct desc){once_in(4) ? address() : (u64)arena + USER, once_in(4) ? wild() : 512, 1 | below(2) << 1, at + 2};
	d[at + 2] = (struct desc){(u64)arena + USER + 20000, 1, 2, at};
}

static void fill(u64 slot, u64 q, u64 n) {
	struct desc *d = (struct desc *)page(slot, q, 0);
	struct ring *a = (struct ring *)page(slot, q, 1);
	for (u64 i = 0; i < n && i < 256; i++)
		if (once_in(2))
			descriptor(d + i, n);
	request(d, n);
	for (u64 i = below(16); i; i--)
		a->ring[below(256)] = once_in(6) ? any() : below(n ? n : 1);
	a->flags = below(2);
	a->idx += once_in(6) ? any() : once_in(2) ? 1 : below(n ? n : 1);
}

static void queue(u64 slot, u64 q) {
	*reg(slot, QUEUE_SEL) = q;
	u64 max = *reg(slot, QUEUE_MAX), n = once_in(6) ? wild() : 1ul << below(9);
	if (n > max && !once_in(4))
		n = max;
	*reg(slot, QUEUE_NUM) = n;
	put64(slot, DESC, once_in(12) ? address() : (u64)page(slot, q, 0));
	put64(slot, AVAIL, once_in(12) ? address() : (u64)page(slot, q, 1));
	put64(slot, USED, once_in(12) ? address() : (u64)page(slot, q, 2));
	((struct ring *)page(slot, q, 1))->idx = 0;
	fill(slot, q, n > 256 ? 256 : n);
	*reg(slot, QUEUE_READY) = once_in(12) ? any() : 1;
}

static void start(u64 slot) {
	*reg(slot, STATUS) = 0;
	*reg(slot, STATUS) = 1;
	*reg(slot, STATUS) = 3;
	*reg(slot, FEATURES_SEL) = 0;
	u32 offered = *reg(slot, FEATURES);
	*reg(slot, DRIVER_SEL) = 0;
	*reg(slot, DRIVER) = once_in(8) ? wild() : offered;
	*reg(slot, DRIVER_SEL) = 1;
	*reg(slot, DRIVER) = once_in(12) ? wild() : 1;
	*reg(slot, STATUS) = 11;
	for (u64 q = 0; q < 3; q++)
		if (!once_in(16))
			queue(slot, q);
	*reg(slot, STATUS) = 15;
}

// ring_word gives a word of a ring that is likely to be in use.
u64 ring_word(void) { return (u64)page(below(SLOTS), below(2), below(3)) + below(512) * 8; }

void op_virtio(void) {
	u64 slot = below(SLOTS);
	if (!there(slot))
		slot = below(SLOTS);
	if (root)
		return;
	u64 status = *reg(slot, STATUS);
	if (both && once_in(3)) {
		second_does = SCRIBBLE;
		wrmsr(ICR, 1ul << 32 | 0x61);
	}
	if (!(status & 4) || status & 0x40 || once_in(32))
		start(slot);
	for (u64 n = below(4) + 1; n; n--) {
		u64 q = once_in(16) ? any() : below(2);
		switch (below(6)) {
		case 0: *reg(slot, below(0x140) & ~3ul) = wild(); break;
		case 1: (void)*reg(slot, below(0x200) & ~3ul); break;
		case 2: *reg(slot, INT_ACK) = *reg(slot, INT_STATUS); break;
		default:
			fill(slot, q & 3, 256 >> below(8));
			*reg(slot, NOTIFY) = q;
		}
	}
}
