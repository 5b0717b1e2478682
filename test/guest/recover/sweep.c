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

// Words of an abi.Partition.
enum { STATE = 1, NAME = 8, WEIGHT = 20, HALTS = 24 };

static struct guest subject = {.name = "subject", .words = "role=3"};

// find returns the record of the guest that calls are about, and how many there are.
static u64 *find(u64 *many) {
	long n = call(CALL_PARTITIONS, 0, (u64)record, sizeof record, 0);
	u64 *found = 0;
	*many = 0;
	for (u64 *p = record; (u8 *)p < (u8 *)record + (n > 0 ? n : 0); p += (u32)p[0] / 8) {
		const char *name = (const char *)(p + NAME);
		u64 i = 0;
		while (subject.name[i] && name[i] == subject.name[i])
			i++;
		if (!name[i] && !subject.name[i]) {
			found = p;
			++*many;
		}
	}
	return found;
}

// becomes waits until the guest is in a state; 0: it is no more.
static int becomes(u64 state) {
	for (u64 end = rdtsc() + 50000000; rdtsc() < end;) {
		u64 many, *p = find(&many), s = p ? p[STATE] >> 32 : 0;
		if (many > 1)
			return 0;
		if (s == state || (state == RUNNING && (s == RUNNABLE || s == HALTED)))
			return 1;
	}
	return 0;
}

static int control(u64 op, u64 state) { return call(CALL_CONTROL, subject.id, op, 0, 0) >= 0 && becomes(state); }

static u64 is; // the state that the guest is in, 0: there is none

// bring brings the guest into a state in which a call has something to do.
static u64 bring(u64 state) {
	while (is != state) {
		int ok = 0;
		u64 next = 0;
		switch (is) {
		case 0:
			ok = declare_guest(&subject, SIZE) && becomes(next = CREATED);
			break;
		case CREATED:
			next = state == RUNNING || state == PAUSED || state == OFF ? RUNNING : 0;
			ok = next ? !load_guest(&subject) && control(OP_START, RUNNING) : control(OP_DESTROY, 0);
			break;
		case RUNNING:
			next = state == PAUSED ? PAUSED : OFF;
			ok = control(state == PAUSED ? OP_PAUSE : OP_STOP, next);
			break;
		case PAUSED:
			ok = control(OP_RESUME, next = RUNNING);
			break;
		case OFF:
			next = state == 0 ? 0 : CREATED;
			ok = control(state == 0 ? OP_DESTROY : OP_RESET, next);
		}
		if (!ok)
			return 100 + is;
		is = next;
	}
	return 0;
}

// Calls, each in the state that it is made in and with the one that it leads to.
static const struct { u64 op, from, to; } deeds[] = {
	[BY_CREATE - BY_CREATE] = {0, 0, CREATED}, [BY_START - BY_CREATE] = {OP_START, CREATED, RUNNING}, [BY_SET - BY_CREATE] = {0, PAUSED, PAUSED},
	[BY_PAUSE - BY_CREATE] = {OP_PAUSE, RUNNING, PAUSED}, [BY_RESUME - BY_CREATE] = {OP_RESUME, PAUSED, RUNNING},
	[BY_STOP - BY_CREATE] = {OP_STOP, RUNNING, OFF}, [BY_RESET - BY_CREATE] = {OP_RESET, OFF, CREATED}, [BY_DESTROY - BY_CREATE] = {OP_DESTROY, CREATED, 0},
};

// manage makes a call that the fault is in, and returns what is wrong then: the call has
// done what it was to do, once.
static u64 manage(u64 by) {
	static u64 token, free[2];
	u64 e = bring(deeds[by - BY_CREATE].from), many, *p;
	if (!e && by == BY_START)
		e = load_guest(&subject);
	if (e)
		return e;
	p = find(&many);
	u64 halts = p ? p[HALTS] : 0, weight = 50 + (++token & 15);
	long n;
	switch (by) {
	case BY_CREATE:
		if (!free[0])
			free[0] = memory_free();
		free[1] = memory_free();
		order_it();
		n = declare_guest(&subject, SIZE) ? 0 : -1;
		break;
	case BY_SET:
		order_it();
		n = call(CALL_SET, subject.id, SET_WEIGHT, weight, 0);
		break;
	default:
		order_it();
		n = call(CALL_CONTROL, subject.id, deeds[by - BY_CREATE].op, 0, 0);
	}
	if (n < 0)
		return 200 + by;
	if (!becomes(is = deeds[by - BY_CREATE].to))
		return 300 + by;
	p = find(&many);
	if (many != (is != 0))
		return 400 + by;
	if ((by == BY_SET && (u32)p[WEIGHT] != weight) || (by == BY_STOP && p[HALTS] <= halts))
		return 500 + by;
	return free[0] == free[1] ? 0 : 600 + by;
}

// The sweep under way: the instruction to go on from; the one that was leapt from, 0: none
// was; and one before which there are no leaps.
static struct { u64 group, next, from, until; } at;
enum { PLACES = 4096, TIMES = 1, LEAP = 61 };
static u64 place[PLACES];
static u8 times[PLACES];

int left_out(struct order *o) {
	if (at.group != o->group) {
		at = (typeof(at)){o->group, 0, 0, 0};
		for (u64 i = 0; i < PLACES; i++)
			place[i] = times[i] = 0;
	}
	return o->steps < at.next;
}

// go_on finds the instruction that a sweep of a call goes on from: the next, but most of a
// loop that has been gone round some times is left out. What was leapt over behind the
// loop's end is not: then it says how many orders to go back.
u64 go_on(struct order *o, u64 made, u64 where) {
	u64 i = where % PLACES, back = o->steps - at.from;
	if (o->by < BY_CREATE || o[-1].group != o->group || o[-1].steps != o->steps - 1)
		return 0;
	while (place[i] && place[i] != where)
		i = (i + 1) % PLACES;
	place[i] = where;
	if (at.from && (!made || !times[i])) {
		at = (typeof(at)){o->group, at.from + 1, 0, o->steps};
		return back;
	}
	if (times[i] < TIMES)
		times[i]++;
	int leaps = times[i] == TIMES && o->steps >= at.until;
	at.next = o->steps + (leaps ? LEAP : 1);
	at.from = leaps ? o->steps : 0;
	return 0;
}

// attempt makes a fault of a sweep, and returns what is wrong with the call that it was in.
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
			e = manage(o->by);
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
