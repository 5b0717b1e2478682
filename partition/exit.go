package partition

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// exits says who answers for each basic exit reason. An empty slot means that we
// never asked for that exit: its partition is stopped with a report.
var exits = [vmcs.NumReasons]func(*CPU, *VP) Verdict{
	vmcs.ReasonException:         exitException,
	vmcs.ReasonExternalInterrupt: exitInterrupt,
	vmcs.ReasonTripleFault:       exitTripleFault,
	vmcs.ReasonINIT:              exitINIT,
	vmcs.ReasonSIPI:              exitNothing,
	vmcs.ReasonInterruptWindow:   exitInterruptWindow,
	vmcs.ReasonNMIWindow:         exitNMIWindow,
	vmcs.ReasonTaskSwitch:        exitTaskSwitch,
	vmcs.ReasonCPUID:             exitCPUID,
	vmcs.ReasonGETSEC:            exitUD,
	vmcs.ReasonHLT:               exitHLT,
	vmcs.ReasonINVD:              exitINVD,
	vmcs.ReasonRDPMC:             exitGP,
	vmcs.ReasonVMCALL:            exitVMCALL,
	vmcs.ReasonVMCLEAR:           exitUD,
	vmcs.ReasonVMLAUNCH:          exitUD,
	vmcs.ReasonVMPTRLD:           exitUD,
	vmcs.ReasonVMPTRST:           exitUD,
	vmcs.ReasonVMREAD:            exitUD,
	vmcs.ReasonVMRESUME:          exitUD,
	vmcs.ReasonVMWRITE:           exitUD,
	vmcs.ReasonVMXOFF:            exitUD,
	vmcs.ReasonVMXON:             exitUD,
	vmcs.ReasonCR:                exitCR,
	vmcs.ReasonIO:                exitIO,
	vmcs.ReasonRDMSR:             exitRDMSR,
	vmcs.ReasonWRMSR:             exitWRMSR,
	vmcs.ReasonMWAIT:             exitUD,
	vmcs.ReasonMONITOR:           exitUD,
	vmcs.ReasonPAUSE:             exitPAUSE,
	vmcs.ReasonMachineCheck:      exitMachineCheck,
	vmcs.ReasonEPTViolation:      exitEPTViolation,
	vmcs.ReasonINVEPT:            exitUD,
	vmcs.ReasonPreemptionTimer:   exitPreemption,
	vmcs.ReasonINVVPID:           exitUD,
	vmcs.ReasonWBINVD:            exitWBINVD,
	vmcs.ReasonXSETBV:            exitXSETBV,
	vmcs.ReasonVMFUNC:            exitUD,
	vmcs.ReasonENCLS:             exitUD,
	vmcs.ReasonUMWAIT:            exitUD,
	vmcs.ReasonTPAUSE:            exitUD,
	vmcs.ReasonPCONFIG:           exitUD,
	vmcs.ReasonBusLock:           exitNothing,
}

// exitUD answers an instruction that no partition has.
//
//go:nosplit
func exitUD(_ *CPU, v *VP) Verdict { return v.ud() }

// exitGP answers an instruction that needs something which the guest was told
// that it does not have.
//
//go:nosplit
func exitGP(_ *CPU, v *VP) Verdict { return v.gp() }

// exitNothing answers an exit that only had to be seen.
//
//go:nosplit
func exitNothing(*CPU, *VP) Verdict { return Resume }

// exitHLT gives the processor back until there is an event. HLT also ends the
// shadow of the STI before it.
//
//go:nosplit
func exitHLT(_ *CPU, v *VP) Verdict {
	if s := vmcs.GuestInterruptibility.Read(); s&shadows != 0 {
		vmcs.GuestInterruptibility.Write(s &^ shadows)
	}
	if vmcs.GuestRFLAGS.Read()&x86.RFLAGSTF != 0 {
		return Advance // the trap of a single step ends it at once
	}
	if v.partition().Kind == Service && vmcs.GuestRFLAGS.Read()&x86.RFLAGSIF == 0 {
		v.stop(WhyGaveUp, uint64(vmcs.ReasonHLT))
		return Resume | Park
	}
	v.State = VPHalted
	if v.Window&windowIntr != 0 { // an interrupt waits for the window that STI would have opened after this
		atomic.OrUint64(&v.Events, EvIntr)
	}
	if v.Events != 0 {
		return Advance
	}
	return Advance | Park
}

// exitPAUSE comes when a guest spins on a lock: somebody else may have the
// processor.
//
//go:nosplit
func exitPAUSE(c *CPU, _ *VP) Verdict {
	if c.Slice != never {
		c.Leave, c.Yields = 1, c.active()
	}
	return Advance
}

// exitPreemption ends a run that no interrupt has ended for long.
//
//go:nosplit
func exitPreemption(c *CPU, _ *VP) Verdict {
	c.Leave = 1
	return Resume
}

// exitINVD does the harmless half of INVD: nothing that was written is lost.
//
//go:nosplit
func exitINVD(_ *CPU, v *VP) Verdict {
	wbinvd()
	return Advance
}

//go:nosplit
func exitWBINVD(_ *CPU, v *VP) Verdict {
	if v.partition().Kind == Root {
		wbinvd()
	}
	return Advance
}

// exitTaskSwitch refuses hardware task switches: 64-bit kernels have none, and
// a 32-bit one is told by #GP.
//
//go:nosplit
func exitTaskSwitch(_ *CPU, v *VP) Verdict { return v.gp() }

// exitTripleFault ends a guest whose processor is in shutdown.
//
//go:nosplit
func exitTripleFault(c *CPU, v *VP) Verdict {
	if v.partition().Kind == Root {
		farLookAll()
		resetMachine() // what the guest asked for, on this machine
	}
	v.stop(WhyTripleFault, uint64(vmcs.ReasonTripleFault))
	return Resume | Park
}
