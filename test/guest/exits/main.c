// A guest that tries every way of leaving itself for the hypervisor, and looks
// at what it finds when it is back: one line a check.
#include "guest.h"

void guest(void) {
	traps();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	if (asked("guest=triple"))
		last_triple_fault();
	if (asked("guest=lost"))
		last_lost_idt();
	if (asked("guest=storm"))
		last_storm();
	wrmsr(0x1b, rdmsr(0x1b) | 0xc00); // x2APIC
	wrmsr(SVR, 0x1ff);                // software enable, spurious vector 0xff
	wrmsr(TPR, 0);
	test_cpuid();
	test_undefined();
	test_calls();
	test_msr();
	test_cr();
	test_modes();
	test_apic();
	test_nmi();
	test_timer();
	test_io();
	test_string();
	test_mmio();
	test_hole();
	test_debug();
	test_storm();
	test_user();
	test_state();
	test_smp();
	verify_msrs("MSRs at the end");
	finish();
}
