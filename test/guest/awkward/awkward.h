// What the files of this guest share.
#pragma once
#include "../kit/kit.h"

void check(int good, const char *what, u64 got); // a sentence that must be true; got is said if it is not
void spin(u64 n);
void conduct(void) __attribute__((noreturn)); // root's part

// Each mode is one round of doing something awkward, and checks itself.
void halted(void), masked(void), answered(void), stormed(void), blocked(void), shadowed(void), stacked(void), stepped(void), started(void),
	flooded(void), summed(void), queued(void);
extern volatile u64 second_is_up;
void on_ping(struct frame *f);
void use_apic(void);

// The program as it was loaded, for guests that are made from it.
enum { PROGRAM = 0x100000, COPY = 8 << 20 };
extern u8 guest_end[];
