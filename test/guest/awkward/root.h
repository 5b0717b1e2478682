// What root's files share.
#pragma once
#include "awkward.h"

// Records of calls.
struct config {
	u32 size, version;
	u64 token;
	u8 name[32];
	u64 memory;
	u32 vps, weight;
	u64 cpus;
	u32 platform, flags;
	u8 seed[32];
	u32 nets, disks;
	struct { u64 mac; u32 group, mtu; } net[2];
	struct { u32 kind, flags; u64 capacity; u8 serial[24]; } disk[4];
};
struct entry {
	u32 size, version, mode, gdt_limit;
	u64 rip, rsp, rax, rbx, rsi, cr3, gdt;
	u32 cs, ds;
};

enum { CONFIG_SIZE = 312, ENTRY_SIZE = 80 };
_Static_assert(sizeof(struct config) == CONFIG_SIZE && sizeof(struct entry) == ENTRY_SIZE, "as partition/abi has them");

enum { START = 1, PAUSE, RESUME, DESTROY = 5 };
enum { STATE_PAUSED = 5, STATE_STOPPED, STATE_CREATED = 9 };
enum { BEGIN = 1, LOAD, GO, ABORT, REPORT };
enum { FORCE = 1, FULL = 2, NATIVE = 4 };
enum { WEIGHT = 1 };

// Words of abi.Restart, abi.Registers, abi.Reset and abi.Injection that are looked at.
enum { RESTART_PHASE = 2, RESTART_REASON = 30, RESTART = 50 };
enum { REGISTERS_GENERAL = 4, REGISTERS_RFLAGS = 21, REGISTERS_CR0 = 22, REGISTERS_ACTIVITY = 56, REGISTERS_INTERRUPTIBILITY = 57,
	REGISTERS_PIN = 59, REGISTERS_ENTRY_CTL = 61, REGISTERS_EVENTS = 78, REGISTERS = 79 };
enum { RESET_NUMBER = 1, RESET_PARTITION = 8, RESET_EXIT = 9, RESET_RIP = 10, RESET = 12 };
enum { INJECTION_PROCESSOR = 1, INJECTION_KIND, INJECTION_REASON, INJECTION_SKIP, INJECTION_STEPS, INJECTION_LEFT = 9, INJECTION_COUNT, INJECTION = 13 };
enum { PORT_RX_FRAMES = 7, PORT_RX_DROPPED = 12, PORT = 14 };
enum { CHECK_STATE = 2, CHECK_ITEMS = 3, CHECK = 35 };
enum { PHASE_DONE = 10, KIND_PANIC = 8, KIND_FAIL };

extern u64 result;
void *zeros(void *to, u64 size);
long create(const char *name, u64 memory, u64 vps, u64 nets);
long control(u64 id, u64 op);
u64 state(u64 id);
void load(u64 id, const char *words);
void dump(u64 id, u64 vp, u64 *to);
long heard(u64 id, u64 at, u8 *to, u64 size);
void last_reset(u64 *to);
long inject(u64 op, u64 *record);
long check_call(u64 request, u64 *to);
long port(u64 id, u64 index, u64 *to);
long restart_call(u64 op, u64 a, u64 b, u64 c);

// crowd.c
void gather(void);         // makes all guests and waits until each has done something
void listen(void);         // reads what they said, and looks at it
void report(const char *); // says how far each is
void hold(u64 n);          // has one of them paused, and notes its state
void release(void);        // compares it, and lets it go on
void come_and_go(void);    // makes a guest, or takes it away: one step
void count_frames(void);   // compares frames that were lost with those that were given up
void nap(void);            // waits for a moment
const char *called(u64 id);
int begins(const char *s, const char *with);
