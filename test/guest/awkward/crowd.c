// The guests as root sees them.
#include "root.h"

static struct guest {
	const char *name, *words;
	u64 vps, nets;
	long id;
	u64 at;             // position in what it said
	u64 rounds, before; // how many it has done, by what it said; and at the last report
	u64 flood;          // number of its last line, if it talks
	u64 lost;           // frames that it missed
	u64 length;
	char line[120];
} crowd[] = {
	{.name = "halt", .words = "do=halt", .vps = 1}, {.name = "mask", .words = "do=mask", .vps = 1}, {.name = "ipi", .words = "do=ipi", .vps = 2},
	{.name = "storm", .words = "do=storm", .vps = 1}, {.name = "nmi", .words = "do=nmi", .vps = 1}, {.name = "sti", .words = "do=sti", .vps = 1},
	{.name = "movss", .words = "do=movss", .vps = 1}, {.name = "step", .words = "do=step", .vps = 1}, {.name = "real", .words = "do=real", .vps = 2},
	{.name = "flood", .words = "do=flood", .vps = 1}, {.name = "sum", .words = "do=sum", .vps = 1}, {.name = "net", .words = "do=net", .vps = 1, .nets = 2},
};
enum { CROWD = sizeof crowd / sizeof *crowd, SMALL = 4 << 20, LARGE = 64 << 20 };

static u64 second_of(void) { return 1000ul * cpuid(0x40000010, 0).a; }

void nap(void) {
	u64 before = interrupts;
	wrmsr(DEADLINE, rdtsc() + 100000);
	while (interrupts == before)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
}

const char *called(u64 id) {
	for (u64 i = 0; i < CROWD; i++)
		if (crowd[i].id == (long)id)
			return crowd[i].name;
	return id ? "another" : "root";
}

int begins(const char *s, const char *with) {
	while (*with && *s == *with)
		s++, with++;
	return !*with;
}

static u64 number_in(const char *s) {
	u64 n = 0;
	while (*s && (*s < '0' || *s > '9'))
		s++;
	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + *s - '0';
	return n;
}

static void said(struct guest *g) {
	g->line[g->length] = 0;
	g->length = 0;
	u64 n = number_in(g->line);
	if (begins(g->line, "flood ") && (!g->flood || n == g->flood + 1)) {
		g->flood = g->rounds = n;
	} else if (begins(g->line, "round ")) {
		g->rounds = n;
	} else if (begins(g->line, "lost ")) {
		g->lost += n;
	} else {
		say(begins(g->line, "FAIL") ? "FAIL " : "ODD "); // a byte may come twice after a reset
		say(g->name);
		say(": ");
		say(g->line);
		say("\r\n");
		g->flood = 0;
	}
}

void listen(void) {
	static u8 text[16384];
	for (struct guest *g = crowd; g < crowd + CROWD; g++) {
		long n = heard(g->id, g->at, text, sizeof text);
		if (n <= 0)
			continue;
		if (result - n != g->at && g->at)
			g->length = g->flood = 0; // some of it is lost
		g->at = result;
		for (long i = 0; i < n; i++)
			if (text[i] == '\n')
				said(g);
			else if (text[i] != '\r' && g->length < sizeof g->line - 1)
				g->line[g->length++] = text[i];
	}
}

void report(const char *when) {
	u64 until = rdtsc() + 20 * second_of(), stuck;
	do {
		for (int i = 0; i < 20; i++) {
			nap();
			come_and_go();
		}
		listen();
		stuck = 0;
		for (u64 i = 0; i < CROWD; i++)
			stuck += crowd[i].rounds <= crowd[i].before + 1;
	} while (stuck && rdtsc() < until);
	say("CROWD ");
	say(when);
	say(":");
	for (struct guest *g = crowd; g < crowd + CROWD; g++) {
		say(" ");
		say(g->name);
		say("=");
		decimal(g->rounds);
		if (g->rounds <= g->before + 1)
			say("(FAIL: stands)");
		g->before = g->rounds;
	}
	say("\r\n");
}

void count_frames(void) {
	struct guest *g = crowd + CROWD - 1;
	u64 r[PORT];
	port(g->id, 1, r);
	say("FRAMES received ");
	decimal(r[PORT_RX_FRAMES]);
	say(" dropped ");
	decimal(r[PORT_RX_DROPPED]);
	line(" missed", g->lost);
	if (g->lost > r[PORT_RX_DROPPED])
		say("FAIL: frames were lost that nobody dropped\r\n");
}

void gather(void) {
	for (struct guest *g = crowd; g < crowd + CROWD; g++) {
		g->id = create(g->name, SMALL, g->vps, g->nets);
		while (g->id > 0 && state(g->id) != STATE_CREATED)
			nap();
		load(g->id, g->words);
		long s = control(g->id, START);
		say("GUEST ");
		say(g->name);
		line("", g->id);
		if (g->id <= 0 || s < 0)
			line("FAIL: it was not made:", -s);
	}
}

void come_and_go(void) {
	static long id;
	static u64 times;
	u64 s = id ? state(id) : 0;
	if (!id) {
		id = create("passer", LARGE, 2, 1);
		if (id < 0) {
			line("FAIL: no guest can be made:", -id);
			id = 0;
		}
	} else if (!s) {
		id = 0;
		times++;
	} else if (s == STATE_CREATED && times & 1) {
		load(id, "do=sum");
		control(id, START);
	} else if (s == STATE_CREATED || s <= STATE_PAUSED) {
		control(id, DESTROY);
	} else if (s == STATE_STOPPED) {
		say("FAIL: a guest was stopped\r\n");
		control(id, DESTROY);
	}
}

static u64 held[2][REGISTERS];
static struct guest *holds;

void hold(u64 n) {
	holds = crowd + n % CROWD;
	while (control(holds->id, PAUSE) != STATE_PAUSED)
		nap();
	for (u64 i = 0; i < holds->vps; i++) {
		u64 *r = held[i];
		dump(holds->id, i, r);
		say("HELD ");
		say(holds->name);
		line("", i);
		say("  flags ");
		hex(r[REGISTERS_RFLAGS]);
		say(" cr0 ");
		hex(r[REGISTERS_CR0]);
		say(" activity ");
		hex(r[REGISTERS_ACTIVITY]);
		say(" blocking ");
		hex(r[REGISTERS_INTERRUPTIBILITY]);
		say(" events ");
		hex(r[REGISTERS_EVENTS]);
		say("\r\n");
	}
}

void release(void) {
	static u64 now[REGISTERS];
	for (u64 i = 0; i < holds->vps; i++) {
		dump(holds->id, i, now);
		for (u64 w = REGISTERS_GENERAL; w <= REGISTERS_ENTRY_CTL; w++)
			if (now[w] != held[i][w]) {
				say("FAIL ");
				say(holds->name);
				line(": a paused guest has another register, word", w);
			}
	}
	control(holds->id, RESUME);
}
