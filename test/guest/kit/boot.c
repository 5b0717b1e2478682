// What the loader said, and what CPUID does.
#include "kit.h"

static char words[2048];

void begin(void) {
	const char *from = 0;
	if (boot_multiboot) {
		if (*(u32 *)boot_info & 4)
			from = (const char *)(u64) * (u32 *)(boot_info + 16);
	} else {
		from = (const char *)(u64) * (u32 *)(boot_info + 0x228);
	}
	for (u64 i = 0; from && from[i] && i < sizeof words - 1; i++)
		words[i] = from[i];
}

// value returns what follows NAME= on the command line.
static const char *value(const char *name) {
	for (const char *p = words; *p; p++) {
		if (p != words && p[-1] != ' ')
			continue;
		u64 i = 0;
		while (name[i] && p[i] == name[i])
			i++;
		if (!name[i] && p[i] == '=')
			return p + i + 1;
	}
	return 0;
}

u64 number(const char *name, u64 otherwise) {
	const char *p = value(name);
	if (!p)
		return otherwise;
	u64 base = 10, v = 0;
	if (p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	for (;; p++) {
		u64 d = *p >= 'a' ? *p - 'a' + 10u : *p - '0' + 0u;
		if (d >= base)
			return v;
		v = v * base + d;
	}
}

int word(const char *name, const char *want) {
	const char *p = value(name);
	if (!p)
		return 0;
	while (*want && *p == *want)
		p++, want++;
	return !*want && (*p == 0 || *p == ' ');
}

// Root is told that the machine's own devices are passed through.
int is_root(void) { return cpuid(0x40000003, 0).a >> 4 & 1; }

u64 processors(void) {
	u64 n = cpuid(0xb, 1).b & 0xffff;
	return n ? n : 1;
}
