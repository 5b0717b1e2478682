// Loaded into Bochs before its libraries. When the machine writes FORK to port 0xe9 it
// stands still there for good, and copies of it go on from there, one after the other,
// as the host asks for them through file 3: with two words each, which are put behind
// MARK and its complement in the machine's memory. Built with gcc -shared -fPIC.
#include <signal.h>
#include <stdio.h>
#undef putc
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ORDERS = 3, FORK = 5 };
#define MARK 0x50657264757265f0ul

// box returns where the mark is.
static unsigned long *box(void) {
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to, *found = 0;
	char line[512], mode[5];
	while (!found && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) == 3 && !strncmp(mode, "rw", 2))
			for (unsigned long *p = (void *)from; (unsigned long)p < to; p += 2)
				if (p[0] == MARK && p[1] == ~MARK) {
					found = p;
					break;
				}
	fclose(maps);
	return found;
}

// putc is what the compiler makes of Bochs' putchar.
int putc(int c, FILE *f) {
	if (c != FORK || f != stdout)
		return fputc(c, f);
	fflush(stdout);
	unsigned long *to = box(), words[2];
	dprintf(2, to ? "\nfork: ready\n" : "\nfork: no mark\n");
	while (to && read(ORDERS, words, sizeof words) == sizeof words) {
		pid_t copy = fork();
		if (!copy) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ORDERS);
			memcpy(to + 2, words, sizeof words);
			return c;
		}
		dprintf(2, "\nfork: began %d\n", copy); // it may be writing a line already
		waitpid(copy, 0, 0);
		dprintf(1, "\n! gone\n");
		dprintf(2, "\nfork: gone\n"); // it may have been ended in the middle of a line
	}
	_exit(0);
}
