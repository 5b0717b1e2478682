// Root and guests that find out what faults in the hypervisor did to them.
#pragma once
#include "../kit/kit.h"

// What may be found wrong, bits: in one's own state.
enum { BAD_REGISTER = 1, BAD_FLAGS = 2, BAD_XMM = 4, BAD_ANSWER = 8, BAD_MEMORY = 16, BAD_CLOCK = 32, BAD_TIMER = 64, BAD_IPI = 128 };

// mix.c
extern volatile u64 bad[2], culprit[2]; // by processor: what was found wrong, and after which kind of exit
void prepare(u64 cpu);      // its local APIC, and what it looks after
void round_of(u64 cpu);     // one exit of each kind, with a look at what they left
extern volatile u64 timers[2], asked[2], selves[2]; // interrupts that came
enum { TIMER_VECTOR = 0x60, ASK_VECTOR, SELF_VECTOR };
void ask_other(u64 cpu);

// Exits that root makes in sweeps, as test/campaign has them.
enum { BY_CPUID = 1, BY_RDMSR, BY_RDTPR, BY_TPR, BY_SELF, BY_EOI, BY_DEADLINE, BY_ICR, BY_OUT, BY_IN, BY_LOAD, BY_STORE, BY_VMCALL, BY_CR0, BY_HALT, BY_TIMER, BY_WINDOW,
	BY_CREATE, BY_START, BY_SET, BY_PAUSE, BY_RESUME, BY_STOP, BY_RESET, BY_DESTROY, BY_CPUS, BY_BUTTON, BY_MEMORY, BY_ENTRY, BY_DUMP, BY_TYPE, BY_RING, BY_CONSOLE, BY_CHECK,
	BY_BEGIN, BY_PIECE, BY_GO, BY_ABORT };
void provoke(u64 exit, void (*before)(void)); // one of them, and looks at what it left; before is called right before

void sleep_until(u64 time);
extern u64 calm;

// An order, as test/campaign has it. By is how root makes the exit or call of a sweep that
// the fault is in, 0: by chance.
enum { EVERYBODY = 1 << 8 }; // as an order's processor
struct order { u64 number, processor, kind, reason, skip, steps, target, bit, again, group, deed, by; };

// deeds.c: makes a call of a sweep, with before right before it, and returns what is wrong then.
u64 manage(u64 by, void (*before)(void));

// sweep.c: a fault in an exit or in a call that root makes itself.
struct soon { u64 made, at, resets, unwound; };
void soon(struct soon *s, u64 kind, u64 steps, u64 reason); // orders one, or takes it back
int left_out(struct order *o);
u64 go_on(struct order *o, u64 made, u64 where);
u64 attempt(struct order *o, u64 *made, u64 *where); // makes the fault, and returns what is wrong with the call that it was in
u64 memory_free(void);

// call.c: the hypercalls that root makes.
enum { VERSION = 1 << 16, NULL_CALL = 1, CALL_INFO = 3, CALL_PARTITIONS = 5, CALL_COUNTERS = 6, CALL_CHECK = 10, CALL_CREATE = 12, CALL_CONTROL = 13,
	CALL_SET = 14, CALL_LOAD = 15, CALL_ENTRY = 16, CALL_DUMP = 17, CALL_READ = 19, CALL_WRITE = 20, CALL_RING = 23, CALL_RESTART = 24, CALL_RESETS = 26, CALL_INJECT = 27, CALL_CONSOLE = 11 };
enum { BUSY = -16, NOT_NOW = -114 };
long call(u64 number, u64 a, u64 b, u64 c, u64 d);
extern u64 second_result, busies; // busies: times that a call was answered so
enum { OP_START = 1, OP_PAUSE, OP_RESUME, OP_BUTTON, OP_DESTROY, OP_RESET, OP_STOP, SET_WEIGHT = 1, SET_CPUS = 2 };
enum { RUNNABLE = 1, RUNNING = 2, HALTED = 3, WAITING = 4, PAUSED = 5, STOPPED = 6, OFF = 7, CREATING = 8, CREATED = 9, WANTS_RESET = 11 };

// guests.c: guests of root's own kind.
struct guest {
	const char *name, *words;
	u64 id, beats, heard, lost, odd; // partition, sound rounds that it told, position in its console, 1: it is no more or not sound, what else it said
	u64 disk; // bytes of one that a process of root's would serve, 0: none
};
enum { SIZE = 2 << 20 };
void keep_image(void); // first of all
int make_guest(struct guest *g);
int drop_guest(struct guest *g);

// What a guest goes through from its creation to its end: one call for each.
enum { DEED_CREATE = 1, DEED_START, DEED_SET, DEED_PAUSE, DEED_RESUME, DEED_STOP, DEED_DESTROY, DEEDS };
typedef void strike(u64 deed);
int declare_guest(struct guest *g, u64 size);      // makes the call alone
int fill_guest(struct guest *g);                   // its memory
int enter_guest(struct guest *g);                  // where it begins
int load_guest(struct guest *g);                   // both: it may be started then
int create_guest(struct guest *g, strike *before); // all of this
int lead_guest(struct guest *g, strike *before);   // through all of it; before is called before each call. Not 0: what went wrong
u64 hear_guest(struct guest *g); // its state; counts what it says
extern u64 record[512];

// debug.c: what the emulator passes on at once, without an exit.
void tell(const char *s);
void tell_number(u64 v);
