// Sweeps: a fault at one instruction after the other of the answer to an exit, or to a
// call, that root makes itself, with no more between two than it takes to judge the first.
#include "recover.h"

enum { SOON = 2, SECTIONS = 1 << 16, COMMITS = 1 << 15 };

void soon(struct soon *s, u64 kind, u64 steps, u64 reason) {
	u64 rax = CALL_INJECT | VERSION, rdx = steps;
	register u64 r10 __asm__("r10") = reason;
	__asm__ volatile("vmcall" : "+a"(rax), "=b"(s->at), "=c"(s->resets), "+d"(rdx) : "D"((u64)SOON), "S"(kind), "r"(r10) : "memory");
	s->made = rax;
	s->unwound = rdx;
}

static struct order *present;
static struct soon ordered;

static u64 calm_at; // before, a recovery would be in one row with the last one

static void order_it(void) {
	if (present->by >= BY_CREATE)
		sleep_until(calm_at);
	soon(&ordered, present->kind, present->steps, present->reason);
}

static void nothing(void) {}

// The sweep under way: the instruction to go on from; the one that was leapt from, 0: none
// was, and how far; one before which leaps are short, and one before which there are none.
static struct { u64 group, next, from, leap, brief, until; } at;
enum { PLACES = 4096, BRIEF = 5, FAR = 61, EACH = 2 }; // EACH in an order's skip: there are none at all
static u64 place[PLACES];
static u8 seen[PLACES];

int left_out(struct order *o) {
	if (at.group != o->group) {
		at = (typeof(at)){.group = o->group};
		for (u64 i = 0; i < PLACES; i++)
			place[i] = seen[i] = 0;
	}
	return o->steps < at.next;
}

// go_on finds the instruction that a sweep of a call goes on from: the next, but where it
// has been before it leaps, twice as far each time. If that leads to what is new, or to the
// end, the same is done again in short leaps, and all that the last of these left out is
// made: then it says how many orders to go back.
u64 go_on(struct order *o, u64 made, u64 where) {
	u64 i = where % PLACES, back = o->steps - at.from;
	if (o->by < BY_CREATE || o->skip & EACH || o[-1].group != o->group || o[-1].steps != o->steps - 1)
		return 0;
	while (place[i] && place[i] != where)
		i = (i + 1) % PLACES;
	place[i] = where;
	if (at.from && (!made || !seen[i])) {
		if (at.leap > BRIEF) {
			at.next = at.from + BRIEF;
			at.brief = o->steps;
		} else {
			at.next = at.from + 1;
			at.from = 0;
			at.until = o->steps;
		}
		at.leap = BRIEF;
		return back;
	}
	if (seen[i] && o->steps >= at.until) {
		u64 leap = !at.from || o->steps < at.brief ? BRIEF : at.leap * 2 < FAR ? at.leap * 2 : FAR;
		if (o->steps < at.brief && o->steps + leap > at.brief)
			leap = at.brief - o->steps;
		at.from = o->steps;
		at.next = o->steps + leap;
		at.leap = leap;
	} else {
		at.from = 0;
		at.next = o->steps + 1;
	}
	seen[i] = 1;
	return 0;
}

u64 attempt(struct order *o, u64 *made, u64 *where) {
	struct soon before, after;
	u64 e = 0;
	present = o;
	soon(&before, 0, ~0ul, 0);
	after = before;
	*made = 0;
	if (o->by < BY_CREATE)
		sleep_until(calm_at);
	for (u64 i = 0; i < 3 && !*made && !e; i++) { // another VP's exit may have had it, and have been shorter
		if (o->by >= BY_CREATE)
			e = manage(o->by, order_it);
		else
			provoke(o->by, order_it);
		soon(&after, 0, 0, 0);
		*made = after.made - before.made;
	}
	*where = after.at;
	if (o->by < BY_CREATE)
		for (u64 i = 0; i < 2; i++) // others of its kind have to be overcome between, or it counts as one that fails for ever
			provoke(o->by, nothing);
	if (after.resets != before.resets) {
		calm_at = rdtsc() + calm; // the pages that the reset left are made good meanwhile
		for (u64 i = 0; i < 64; i++) // hardly an exit between resets ends in stop
			cpuid(1, 0);
	}
	if (o->number % 4 == 0)
		round_of(0);
	return e;
}
