// What the parts of the hostile guest share.
#pragma once
#include "../kit/kit.h"

// main.c: chance. Each operation has a stream of its own, which follows from the
// seed and its number.
u64 any(void);        // 64 random bits
u64 below(u64 n);     // less than n
int once_in(u64 n);
u64 wild(void);       // a number that is often a bad one
u64 address(void);    // of guest-physical memory: mostly our arena, often not
u64 fix_rflags(void); // as they were before an operation changed them
extern u64 root;      // 1: we are the root partition's kernel, and spare the machine
extern u64 both;      // 1: there is a second processor
void restore(void);   // control registers, segments, debug registers as we need them
void fix_apic(void);  // x2APIC mode, enabled
void reset_apic(void); // and nothing in service; interrupts are off
void hurry(void);      // has the timer end this operation soon
enum { TICK = 0x60 };  // the timer's vector

// The memory that operations play with: nothing of ours lies in it. It is the
// last of a guest with 32 MiB.
enum { ARENA_SIZE = 2 << 20 };
extern u8 arena[ARENA_SIZE];
enum { RINGS = 0, RINGS_SIZE = 1 << 20, TABLES = 1 << 20, USER = (1 << 20) + (64 << 10) }; // offsets of its parts

// mmu.c: an address range whose page tables are in the arena, and random.
enum { PLAY = 5 };           // its slot in the PML4
void shuffle(u64 n);         // changes n entries
u64 play(void);              // an address in it
u64 entry_of(u64 address_);  // a page-table entry
u64 window_(void);           // a device window

// The operations, in files by what they are about.
void op_port(void), op_string(void), op_uart(void);
void op_rdmsr(void), op_wrmsr(void), op_cpuid(void), op_cr(void), op_dr(void), op_xcr(void), op_odd(void), op_vmx(void), op_flags(void);
void op_mmio(void), op_play(void), op_user(void);
u64 refused_restarts(void);
void op_call(void), op_icr(void), op_apic(void), op_halt(void);
void op_virtio(void), op_second(void);

// forms.S: instructions with an operand in memory.
extern u8 forms[], forms_end[];
void form(u64 n, u64 at, u64 other, u64 a, u64 c);

// second.c
enum { SCRIBBLE, STORM_DB, STORM_AC, SPIN };
extern volatile u64 second_does, second_runs;
extern volatile u64 second_ready; // 1: it bears NMIs
void tables_user(void);     // the pages of ring 3
enum { STORM_PAGE = 12 };   // among them
extern u8 storm_page[4096];

// virtio.c
u64 windows(void); // of virtio devices that are there
u64 ring_word(void);
