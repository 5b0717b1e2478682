// What the parts of the guest share.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int s32;
typedef long s64;

// print.c: the serial line, and what is known so far.
void put(char c);
void say(const char *s);
void hex(u64 v);
void eq(const char *name, u64 got, u64 want); // PASS name, or FAIL name got … want …
void ok(const char *name, int good);
void quietly(const char *name, u64 bad, u64 of); // for checks made many times: bad must be 0
void finish(void) __attribute__((noreturn));
int asked(const char *word); // on the command line

// trap.c: exceptions and interrupts.
struct frame { u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax, vector, error, rip, cs, rflags, rsp, ss; };
extern volatile struct last { u64 vector, error, cr2, rip, rsp; } last;
extern volatile u64 recover;
typedef void handler(struct frame *f);
extern handler *handlers[256];
extern volatile u64 irqs[256], order[64], ordered; // interrupts: how often, and in which order
void traps(void);
void load_idt(void);
void interrupt(struct frame *f); // a handler that counts and ends a local interrupt
void gate(int vector, u64 to, int selector, int dpl);
extern u8 stubs[]; // 16 bytes each
void run_user(void (*f)(void));
extern volatile u64 user_saw[8];

enum { NONE = 0xffff, DB = 1, NMI = 2, BP = 3, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14, AC = 17 };

// TRY executes code and gives the vector of the exception that it met, or NONE.
#define TRY(code, ...) ({ last.vector = NONE; last.error = 0; \
	__asm__ volatile("movq $771f, recover\n\t" code "\n771:\n\tmovq $0, recover" __VA_ARGS__); last.vector; })
#define FAULTS(name, want, code, ...) eq(name, TRY(code, __VA_ARGS__), want)

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port)); }
static inline void outw(u16 port, u16 v) { __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline u64 rdtsc(void) { u32 a, d; __asm__ volatile("rdtsc" : "=a"(a), "=d"(d)); return a | (u64)d << 32; }
static inline void wrmsr(u32 msr, u64 v) { __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }
static inline u64 rdmsr(u32 msr) { u32 a, d; __asm__ volatile("rdmsr" : "=a"(a), "=d"(d) : "c"(msr) : "memory"); return a | (u64)d << 32; }
static inline u64 try_wrmsr(u32 msr, u64 v) { return TRY("wrmsr", : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory"); }
static inline u64 try_rdmsr(u32 msr) { u32 a, d; return TRY("rdmsr", : "=a"(a), "=d"(d) : "c"(msr) : "memory"); }
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

extern u64 pml4[512], pdpt[512], pd[2048], spare[8 * 512], gdt[], zero_page;
extern u8 tss[];

// x2APIC registers.
enum { APIC_ID = 0x802, TPR = 0x808, PPR = 0x80a, EOI = 0x80b, SVR = 0x80f, ISR = 0x810, IRR = 0x820, ESR = 0x828, ICR = 0x830,
	LVT_TIMER = 0x832, INITIAL = 0x838, CURRENT = 0x839, DIVIDE = 0x83e, SELF = 0x83f, DEADLINE = 0x6e0 };

// The parts, in the order in which they run.
void test_cpuid(void), test_undefined(void), test_calls(void), test_msr(void), test_cr(void), test_modes(void), test_apic(void),
	test_nmi(void), test_timer(void), test_io(void), test_string(void), test_mmio(void), test_hole(void), test_debug(void),
	test_storm(void), test_user(void), test_state(void), test_smp(void), verify_msrs(const char *name);
u64 hole(void); // an address of the hypervisor's memory
u64 call(u64 word, u64 a, u64 b, u64 c);

// The variants that end otherwise.
void last_triple_fault(void), last_lost_idt(void), last_storm(void);
