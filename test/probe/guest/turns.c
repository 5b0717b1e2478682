// A guest that wants its processor for itself, and tells when it had it.
//
// It reads the time-stamp counter all the time. Where two readings lie far apart,
// somebody else ran. Of two such guests on one processor, the time between one's
// last reading and the other's first is what it takes to change from one to the
// other. Results go to the first serial port once it has seen enough:
//
//	RESULT turn before after
//
// It goes on running, so that another guest has somebody to take turns with.

#include "guest.h"

enum { FAR = 400, TURNS = 400, FROM = 50000000, SPAN = 150000000 };

static u64 before[TURNS], after[TURNS];

void probe(void) {
	take_traps();
	say("RESULT begin\r\n");
	u64 last = rdtsc(), from = last + FROM, end = last + SPAN;
	for (int n = 0; last < end;) {
		u64 now = rdtsc();
		if (now - last > FAR && now > from && n < TURNS) {
			before[n] = last;
			after[n] = now;
			n++;
			now = rdtsc();
		}
		last = now;
	}
	for (int n = 0; n < TURNS && before[n]; n++) {
		say("RESULT turn ");
		number(before[n]);
		put(' ');
		number(after[n]);
		say("\r\n");
	}
	say("RESULT end\r\n");
	for (;;)
		rdtsc();
}
