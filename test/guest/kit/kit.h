// What the small guests share: how they begin, what they print, how they get over
// an exception.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

// print.c: the serial line.
void put(char c);
void say(const char *s);
void hex(u64 v);
void decimal(u64 v);
void line(const char *what, u64 n); // "what n"
void finish(void) __attribute__((noreturn)); // powers off: as a guest, and as root under an emulator

// boot.c: what the loader said.
extern u64 boot_info, boot_multiboot; // as it was given; 1: by a multiboot loader
void begin(void);                     // copies the command line; call it first
u64 number(const char *name, u64 otherwise); // NAME=number on the command line
int word(const char *name, const char *value); // NAME=value is there
int is_root(void);
u64 processors(void);

// trap.c: exceptions and interrupts.
struct frame { u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax, vector, error, rip, cs, rflags, rsp, ss; };
typedef void handler(struct frame *f);
extern handler *handlers[256];
void traps(u64 cpu); // loads the IDT and this processor's TSS
struct gate { u16 low, selector, flags, mid; u32 high, zero; };
void set_gate(struct gate *g, u64 to, u64 selector, u64 dpl, u64 ist);
void load_idt(struct gate *table);
extern struct gate idt[256];
extern u8 stubs[]; // 16 bytes each
extern u64 exceptions, nmis, interrupts;
u64 on_cpu(void); // 0 or 1, by the stack

// guarded calls f(arg); it returns the vector of the exception that ended it, or
// NONE. Handlers may end it too, by leave().
u64 guarded(void (*f)(void *), void *arg);
void leave(struct frame *f, u64 why);
extern u64 saved[2]; // stack of each processor's innermost guarded, 0: none
void user(u64 *regs, u64 rip, u64 rsp, u64 rflags) __attribute__((noreturn)); // to ring 3, from within guarded

// smp: the second processor comes to second() each time that it is started.
void start_at(u64 id, u64 page);
void start_second(void);
void second(void);

enum { NONE = 0xffff, DB = 1, NMI = 2, BP = 3, UD = 6, GP = 13, PF = 14, AC = 17 };
enum { CODE = 8, DATA = 0x10, CODE32 = 0x18, USER_DATA = 0x23, USER_CODE = 0x2b };

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port)); }
static inline void outw(u16 port, u16 v) { __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline u64 rdtsc(void) { u32 a, d; __asm__ volatile("rdtsc" : "=a"(a), "=d"(d)); return a | (u64)d << 32; }
static inline void wrmsr(u32 msr, u64 v) { __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }
static inline u64 rdmsr(u32 msr) { u32 a, d; __asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(msr) : "memory"); return a | (u64)d << 32; }
struct regs { u32 a, b, c, d; };
static inline struct regs cpuid(u32 leaf, u32 sub) {
	struct regs r;
	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(sub));
	return r;
}
#define READ_CR(n) ({ u64 v_; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v_) : : "memory"); v_; })
#define WRITE_CR(n, v) __asm__ volatile("mov %0, %%cr" #n : : "r"((u64)(v)) : "memory")
#define READ_DR(n) ({ u64 v_; __asm__ volatile("mov %%db" #n ", %0" : "=r"(v_)); v_; })
#define WRITE_DR(n, v) __asm__ volatile("mov %0, %%db" #n : : "r"((u64)(v)))
#define sti() __asm__ volatile("sti" : : : "memory")
#define cli() __asm__ volatile("cli" : : : "memory")
static inline void flush(void) { WRITE_CR(3, READ_CR(3)); }
static inline u64 vmcall(u64 word, u64 a, u64 b, u64 c) {
	register u64 r10 __asm__("r10") = a ^ b, r8 __asm__("r8") = c, r9 __asm__("r9") = a;
	__asm__ volatile("vmcall" : "+a"(word), "+d"(c) : "D"(a), "S"(b), "r"(r10), "r"(r8), "r"(r9) : "memory");
	return word;
}

extern u64 pml4[512], pdpt[512], gdt[];
extern u8 tss[2][104 + 8193 + 7];
extern u8 stack_top[], second_stack_top[];

// x2APIC registers and what else is often written.
enum { APIC_BASE = 0x1b, APIC_ID = 0x802, TPR = 0x808, EOI = 0x80b, SVR = 0x80f, ICR = 0x830, LVT_TIMER = 0x832, LVT_LINT0 = 0x835,
	LVT_LINT1 = 0x836, SELF = 0x83f, DEADLINE = 0x6e0, EFER = 0xc0000080 };
