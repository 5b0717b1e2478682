// The calls of sweeps: root makes one when it has something to do, and looks whether it
// has done that, once.
#include "recover.h"

// Words of an abi.Partition.
enum { STATE = 1, NAME = 8, WEIGHT = 20, CPUS = 21, HALTS = 24 };

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
	[BY_CPUS - BY_CREATE] = {0, PAUSED, PAUSED}, [BY_BUTTON - BY_CREATE] = {OP_BUTTON, RUNNING, RUNNING}, [BY_MEMORY - BY_CREATE] = {0, CREATED, CREATED},
	[BY_ENTRY - BY_CREATE] = {0, CREATED, CREATED}, [BY_DUMP - BY_CREATE] = {0, PAUSED, PAUSED}, [BY_TYPE - BY_CREATE] = {0, CREATED, CREATED},
	[BY_RING - BY_CREATE] = {0, CREATED, CREATED}, [BY_CONSOLE - BY_CREATE] = {0, 0, 0}, [BY_CHECK - BY_CREATE] = {0, 0, 0},
};

// Operations of CALL_RESTART, phases, and words of an abi.Restart.
enum { BEGIN = 1, LOAD, GO, ABORT, REPORT };
enum { NEVER, LOADS, HANDS_OVER = 7, OVER = 10 };
enum { NUMBER = 1, PHASE = 2, FREE_BEFORE = 62, FREE_AFTER = 63, RESTART = 64 };
static u64 restart[RESTART];
enum { IMAGE = 4096 };
static u8 image[IMAGE]; // that is none

static u64 phase(void) {
	call(CALL_RESTART, REPORT, (u64)restart, sizeof restart, 0);
	return restart[PHASE];
}

// dropped gives up the hot restart under way, if there is one, and looks whether all that
// it had is back.
static u64 dropped(void) {
	u64 p = phase();
	if (p == NEVER)
		return 0;
	if (p < HANDS_OVER && call(CALL_RESTART, ABORT, 0, 0, 0) < 0)
		return 1;
	for (u64 end = rdtsc() + 50000000; phase() < OVER;)
		if (rdtsc() > end)
			return 2;
	return restart[FREE_AFTER] == restart[FREE_BEFORE] ? 0 : 3;
}

// replaces makes a call of a hot restart that comes to nothing: root has no image. What
// loads or goes on may find that the fault has ended it.
static u64 replaces(u64 by, void (*before)(void)) {
	static u64 free, last;
	u64 e = dropped();
	long n = 0;
	if (e)
		return 700 + e;
	call(CALL_PARTITIONS, 0, (u64)record, sizeof record, 0);
	u64 many = second_result;
	if (!free)
		free = memory_free();
	if (by == BY_BEGIN)
		before();
	last = restart[NUMBER];
	if (call(CALL_RESTART, BEGIN, IMAGE, 0, 0) <= (long)last || phase() != LOADS || restart[NUMBER] <= last)
		return 710;
	if (by == BY_PIECE) {
		before();
		n = call(CALL_RESTART, LOAD, 0, (u64)image, 64);
	} else if (by == BY_GO) {
		if (call(CALL_RESTART, LOAD, 0, (u64)image, IMAGE) != IMAGE)
			return 711;
		before();
		n = call(CALL_RESTART, GO, 0, 0, 0);
	} else if (by == BY_ABORT) {
		before();
		n = call(CALL_RESTART, ABORT, 0, 0, 0);
	}
	if (n < 0 && (n != NOT_NOW || by == BY_ABORT))
		return 712;
	for (u64 end = rdtsc() + 50000000; by >= BY_GO && phase() < OVER;) // there is nothing in the image
		if (rdtsc() > end)
			return 713;
	if ((e = dropped()))
		return 720 + e;
	call(CALL_PARTITIONS, 0, (u64)record, sizeof record, 0);
	if (second_result != many)
		return 730;
	return memory_free() == free ? 0 : 740;
}

// makes makes a call that changes a guest, or none, and leaves its state: 0 if it is
// answered as it should be.
static int makes(u64 by, u64 token) {
	static u64 regs[79], check[35], request;
	u64 was;
	long n;
	switch (by) {
	case BY_SET:
		return call(CALL_SET, subject.id, SET_WEIGHT, 50 + (token & 15), 0) != 0;
	case BY_CPUS:
		return call(CALL_SET, subject.id, SET_CPUS, 1 + (token & 1), 0) != 0;
	case BY_MEMORY:
		return call(CALL_LOAD, subject.id, SIZE - 64, (u64)image, 64) != 64;
	case BY_ENTRY:
		return enter_guest(&subject);
	case BY_DUMP:
		regs[1] = 0;
		was = busies; // the registers have to be read first
		n = call(CALL_DUMP, subject.id, 0, (u64)regs, sizeof regs);
		busies = was;
		return n != sizeof regs || (u32)regs[1] != subject.id;
	case BY_TYPE:
		return call(CALL_WRITE, subject.id, (u64) "type", 4, 0) != 4;
	case BY_RING:
		return call(CALL_RING, subject.id, 0, 0, 0) != 0;
	case BY_CONSOLE:
		return call(CALL_CONSOLE, (u64) "here", 4, 0, 0) != 4;
	case BY_CHECK:
		if (!request || (u32)check[2] != 1)
			request = rdtsc();
		return call(CALL_CHECK, request, (u64)check, sizeof check, 0) != sizeof check;
	}
	return call(CALL_CONTROL, subject.id, deeds[by - BY_CREATE].op, 0, 0) < 0;
}

u64 manage(u64 by, void (*before)(void)) {
	static u64 token, free[2], since;
	if (by >= BY_BEGIN)
		return replaces(by, before);
	u64 from = deeds[by - BY_CREATE].from, disk = by == BY_RING ? 1 << 20 : 0, e = 0, many, *p;
	if (subject.disk != disk || (by == BY_TYPE && ++since % 16 == 0)) // nobody takes what was typed
		e = bring(0);
	subject.disk = disk;
	if (!e)
		e = bring(from);
	if (!e && by == BY_START)
		e = load_guest(&subject);
	if (!e && by == BY_ENTRY)
		e = fill_guest(&subject);
	if (e)
		return e;
	p = find(&many);
	u64 halts = p ? p[HALTS] : 0;
	token++;
	if (by == BY_CREATE) {
		if (!free[0])
			free[0] = memory_free();
		free[1] = memory_free();
	}
	before();
	if (by == BY_CREATE ? !declare_guest(&subject, SIZE) : makes(by, token))
		return 200 + by;
	if (!becomes(is = deeds[by - BY_CREATE].to))
		return 300 + by;
	p = find(&many);
	if (many != (is != 0))
		return 400 + by;
	if ((by == BY_SET && (u32)p[WEIGHT] != 50 + (token & 15)) || (by == BY_CPUS && p[CPUS] != 1 + (token & 1)) || (by == BY_STOP && p[HALTS] <= halts))
		return 500 + by;
	if (by == BY_ENTRY && !control(OP_START, is = RUNNING))
		return 550 + by;
	return free[0] == free[1] ? 0 : 600 + by;
}
