// A root that has faults made in the hypervisor, one after the other as its initramfs
// orders, and says what became of each: of its own state, of its second processor, of
// its guests, and of a guest that it makes afterwards. test/campaign writes the orders
// and reads the lines. On the command line: guests=N (2) run all the time; new=N: a new
// guest is made after every N-th fault that was noticed, 0: after none; rest=N ticks
// between a recovery and the next fault; in a sweep sound=N: everybody is looked at with
// every N-th fault, else only who made the exit, and calm=N: ticks between recoveries, more
// than make them one row; pace=1: guests are slower; role=N: what a guest is.
#include "recover.h"

// abi.Injection.
static struct { u64 header, processor, kind, reason, skip, steps, target, bit, again, left, count, fired, at; } fault;
enum { ORDER, REPORT, MAKER = 1ul << 32 };
enum { LONG = 120000000 }; // ticks after which somebody who has done nothing is lost

// Words of an abi.Reset and of abi.Counters.
enum { NUMBER = 1, CAUSE, REASON, FAULT, NOTICED, BEGAN, REPAIRED, WHOSE, EXIT, RIP, REPEATS, TRIES, COPIED, VECTOR, ERROR, AT, RESET = 135, BACK = 103,
	COUNTERS = 94, UNWOUND = 90 };
static u64 reset[RESET], counters[COUNTERS];

// Words of abi.Info.
enum { FREE = 30, KEPT_USED = 32, OWNERS = 45, INFO = 46 };
static u64 info[INFO];

// What the host says to a copy of this machine: the first of the orders that it is to
// carry out, and in the upper half how many; and where the first fault of the sweep
// was made that the first order belongs to. The host finds it by its first two words.
#define MARK 0x50657264757265f0ul
static volatile u64 box[4] __attribute__((aligned(16)));
enum { COPY = 5 };

static volatile u64 beats; // rounds of the second processor
static struct guest guests[2] = {{.name = "a", .words = "role=1"}, {.name = "b", .words = "role=1"}};
static struct guest fresh = {.name = "new", .words = "role=2"};
static u64 running, rest, looks;
u64 calm;

void second(void) {
	traps(1);
	prepare(1);
	for (;;) {
		u64 was = asked[1];
		while (asked[1] == was)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		round_of(1);
		beats++;
	}
}

// What a guest does: a sound round is a dot, anything else is none.
static void work(u64 rounds) {
	prepare(0);
	for (u64 at = rdtsc(), period = cpuid(0x40000010, 0).a * number("pace", 1); rounds--;) {
		round_of(0);
		put(bad[0] ? 'a' + culprit[0] : '.');
		wrmsr(DEADLINE, at = rdtsc() + period);
		for (u64 was = timers[0]; timers[0] == was;)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
	}
	finish();
}

static u64 unwound(void) {
	u64 n = 0;
	for (u64 i = 0; i <= running; i++)
		if (call(CALL_COUNTERS, i ? guests[i - 1].id : 0, ~0u, (u64)counters, sizeof counters) > 0)
			n += counters[UNWOUND];
	return n;
}

static u64 resets(u64 n) {
	for (u64 i = 0; i < RESET; i++)
		reset[i] = 0;
	return call(CALL_RESETS, n, (u64)reset, sizeof reset, 0) > 0 ? reset[NUMBER] : 0;
}

static void report(struct order *o) {
	fault.header = sizeof fault | MAKER;
	fault.processor = o->processor % processors();
	call(CALL_INJECT, REPORT, (u64)&fault, sizeof fault, 0);
}

// sound lets everybody do a round more, and says who did not: bit 0 the second
// processor, bits 1 and 2 the guests.
static u64 sound(void) {
	u64 want = beats + 2, begun[2], late = 0;
	for (u64 i = 0; i < running; i++) {
		hear_guest(&guests[i]);
		begun[i] = guests[i].beats;
	}
	u64 end = rdtsc() + LONG;
	do {
		late = 0;
		tell("\n"); // root lives
		ask_other(0);
		round_of(0);
		if (processors() > 1 && beats < want)
			late |= 1;
		for (u64 i = 0; i < running; i++) {
			u64 s = hear_guest(&guests[i]);
			if (s == 0 || s == STOPPED || s == OFF || s == WANTS_RESET)
				guests[i].lost = 1;
			if (guests[i].lost || guests[i].beats < begun[i] + 2)
				late |= 2ul << i;
		}
	} while (late && rdtsc() < end && !(late == 2 && guests[0].lost) && !(late == 4 && guests[1].lost) && !(late == 6 && guests[0].lost && guests[1].lost));
	return late;
}

// works says whether a new guest can be made, runs and ends: 0, or where it stopped.
static u64 works(void) {
	u64 e = make_guest(&fresh);
	if (e)
		return e;
	u64 s = RUNNING;
	for (u64 end = rdtsc() + LONG; s != OFF && s != STOPPED && rdtsc() < end;)
		s = hear_guest(&fresh);
	hear_guest(&fresh); // what it said last
	if (s != OFF || fresh.lost || fresh.beats < 3)
		return 7;
	return drop_guest(&fresh) ? 8 : 0;
}

static u64 noticed, every;

// Of the sweep under way: where its first fault is made. A later one there belongs to
// the next exit: the sweep is over.
static u64 start, over;

// strike_at orders the fault before the call that it is to be made in.
static struct order *now_at;
static long refused;
static void strike_at(u64 deed) {
	if (deed != now_at->deed)
		return;
	if (now_at->processor == EVERYBODY)
		for (fault.processor = processors(); --fault.processor;)
			call(CALL_INJECT, ORDER, (u64)&fault, sizeof fault, 0);
	refused = call(CALL_INJECT, ORDER, (u64)&fault, sizeof fault, 0);
}

static void try(struct order *o) {
	u64 n = resets(0), u = unwound(), lost = 0;
	tell(">");
	tell_number(o->number);
	tell("\n");
	bad[0] = bad[1] = 0;
	report(o);
	u64 count = fault.count;
	fault.kind = o->kind;
	fault.reason = o->reason;
	fault.skip = o->skip;
	fault.steps = o->steps;
	fault.target = o->target;
	fault.bit = o->bit;
	fault.again = o->again;
	u64 fails = ~0ul;
	now_at = o;
	if (o->deed) {
		fails = lead_guest(&fresh, strike_at);
		if (fails)
			drop_guest(&fresh);
		report(o);
	} else {
		strike_at(0);
	}
	long e = refused;
	for (u64 i = 0; i < 40 && fault.count == count && !o->deed; i++) {
		ask_other(0);
		round_of(0);
		report(o);
	}
	u64 made = fault.count - count, fired = fault.fired, where = fault.at;
	if (made) {
		tell("@");
		tell_number(where);
		tell("\n");
	}
	if (!made) {
		fault.steps = 0;
		call(CALL_INJECT, ORDER, (u64)&fault, sizeof fault, 0);
	}
	u64 late = sound(), now = resets(0), dropped = unwound() - u;
	for (u64 i = 0; i < running; i++)
		if (guests[i].lost || late >> (i + 1) & 1) {
			lost++;
			drop_guest(&guests[i]);
			if (make_guest(&guests[i]))
				late |= 16;
		}
	if (now != n || dropped || late || bad[0] | bad[1]) {
		if (every && fails == ~0ul && ++noticed % every == 0)
			fails = works();
		report(o);
		made = fault.count - count;
	}
	u64 last = 0, first = ~0ul, copied = 0, rung = 0, why = 0;
	if (now != n) {
		resets(now);
		for (u64 i = 0; i < processors(); i++) {
			u64 t = reset[BACK + i];
			first = t && t < first ? t : first;
			last = t > last ? t : last;
		}
		copied = reset[COPIED];
		rung = reset[CAUSE] >> 32;
		why = reset[REASON];
		resets(n + 1); // what was noticed first
	} else {
		resets(~0ul); // none
	}
	tell("=");
	u64 said[] = {o->number, (u64)-e, made, now - n, dropped, late, lost, bad[0], bad[1], fails, fired, where, reset[NOTICED], reset[BEGAN], first, last,
		(u32)reset[CAUSE] | rung << 32, why, reset[VECTOR], reset[AT], copied, reset[EXIT], reset[WHOSE]};
	for (u64 i = 0; i < sizeof said / sizeof *said; i++)
		tell_number(said[i]);
	tell("\n");
	if (now != n)
		for (u64 end = rdtsc() + rest; rdtsc() < end;)
			round_of(0);
	if (o->group && o->steps > 1 && made && where == start)
		over = o->group;
	if (o->group && o->steps == 1)
		start = where;
}

// sweep makes a fault of one, and returns how many orders to go back.
static u64 sweep(struct order *o) {
	struct soon before, after;
	if (left_out(o))
		return 0;
	soon(&before, 0, ~0ul, 0);
	tell(">");
	tell_number(o->number);
	tell("\n");
	bad[0] = bad[1] = 0;
	u64 made, where, busy = busies, late = 0, lost = 0, e = attempt(o, &made, &where), back = go_on(o, made, where);
	if (!made && back)
		return back;
	if (o->number % looks == 0 || !made) {
		late = sound();
		for (u64 i = 0; i < running; i++)
			lost += guests[i].lost;
	}
	soon(&after, 0, ~0ul, 0);
	resets(after.resets == before.resets ? ~0ul : after.resets);
	tell("=");
	u64 said[] = {o->number, 0, made, after.resets - before.resets, after.unwound - before.unwound + busies - busy, late, lost, bad[0], bad[1], e, rdtsc(), where,
		0, 0, ~0ul, 0, reset[CAUSE], reset[REASON], reset[VECTOR], reset[AT], reset[COPIED], reset[EXIT], reset[WHOSE]};
	for (u64 i = 0; i < sizeof said / sizeof *said; i++)
		tell_number(said[i]);
	tell("\n");
	if (!made)
		over = o->group;
	return back;
}

u64 memory_free(void) {
	call(CALL_INFO, (u64)info, sizeof info, 0, 0);
	return info[FREE];
}

// owners tells who has the machine's memory: what is free, kept state that is in use,
// and a checksum of it all.
static void owners(const char *when) {
	call(CALL_INFO, (u64)info, sizeof info, 0, 0);
	tell(when);
	tell_number(info[FREE]);
	tell_number(info[KEPT_USED]);
	tell_number(info[OWNERS]);
	tell("\n");
}

void guest(void) {
	begin();
	if (is_root())
		keep_image();
	traps(0);
	while (number("role", 0) == 3)
		__asm__ volatile("cli; hlt");
	if (number("role", 0))
		work(number("role", 0) == 2 ? 3 : ~0ul);
	prepare(0);
	start_second();
	u64 n = number("guests", 2);
	looks = number("sound", 64);
	calm = number("calm", 505000);
	if (number("pace", 0))
		guests[0].words = guests[1].words = "role=1 pace=20";
	every = number("new", 1);
	rest = number("rest", 1000000);
	for (; running < n; running++)
		if (make_guest(&guests[running])) {
			tell("! no guests\n");
			finish();
		}
	u64 e = works(), late = e ? 0 : sound();
	if (e || late || bad[0] | bad[1]) {
		u64 why[] = {e, late, bad[0], culprit[0], bad[1], culprit[1], beats, guests[0].beats, guests[0].odd, guests[1].odd, fresh.beats, fresh.odd, second_result};
		tell("! not sound:");
		for (u64 i = 0; i < sizeof why / sizeof *why; i++)
			tell_number(why[i]);
		tell("\n");
		finish();
	}
	struct order *o = (void *)(u64) * (u32 *)(boot_info + 0x218);
	box[2] = (u64)*(u32 *)(boot_info + 0x21c) / sizeof *o << 32;
	box[1] = ~MARK;
	box[0] = MARK;
	outb(0xe9, COPY);
	owners("! begins");
	start = box[3];
	for (u64 i = (u32)box[2], end = i + (box[2] >> 32); i < end; i++)
		if (!o[i].group || o[i].group != over) {
			if (o[i].by)
				i -= sweep(&o[i]);
			else
				try(&o[i]);
		}
	owners("! over");
	finish();
}
