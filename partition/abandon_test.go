//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// What the VMCS has for the next entry and what the VP knows of it agree again; an
// event that the dropped exit interrupted is noted once more.
func TestAbandonEvent(t *testing.T) {
	const vector, fault = 0x31 | injExternal | injValid, 14 | injHardware | injError | injValid
	for _, x := range []struct {
		name              string
		field, knows      uint64
		reason            uint64
		vectoring         uint64
		commit, events    uint64
		wantField, wantVP uint64
	}{
		{"nothing", 0, 0, uint64(vmcs.ReasonCPUID), 0, 0, 0, 0, 0},
		{"not committed", vector, 0, uint64(vmcs.ReasonCPUID), 0, 0, 0, 0, 0},
		{"committed", vector, vector, uint64(vmcs.ReasonCPUID), 0, 0, 0, vector, vector},
		{"arrived", 0, vector, uint64(vmcs.ReasonCPUID), 0, 0, 0, 0, 0},
		{"its delivery was cut off", 0, 0, uint64(vmcs.ReasonEPTViolation), fault, 0, 0, fault, fault},
		{"the same, after the exit before it", 0, vector, uint64(vmcs.ReasonEPTViolation), fault, 0, 0, fault, fault},
		{"by a task gate", 0, 0, uint64(vmcs.ReasonTaskSwitch), vector, 0, 0, vector, vector},
		{"by a task gate, answered", 0, 0, uint64(vmcs.ReasonTaskSwitch), vector, 0, EvFault, 0, 0},
		{"an answered exit", 0, 0, uint64(vmcs.ReasonEPTViolation), fault, vmx.CommitRIP, 0, 0, 0},
		{"an entry that was cut off", 0, 0, vmx.NoExit, fault, 0, 0, 0, 0},
	} {
		c, p := bench(t, 1)
		v := p.VP(0)
		vmcs.EntryInterruptionInfo.Write(uint32(x.field))
		vmcs.IDTVectoringInfo.Write(uint32(x.vectoring))
		v.Inject, v.Ctx.Reason, v.Ctx.Commit, v.Events = x.knows, x.reason, x.commit, x.events
		for range 2 {
			v.abandon(c)
		}
		assert.EqualValues(t, x.wantField, vmcs.EntryInterruptionInfo.Read(), x.name)
		assert.EqualValues(t, x.wantVP, v.Inject, x.name)
	}
	vmcs.Forget()
}

// An exception that comes behind its instruction comes once, wherever its exit is
// dropped; one of the machine's own is not the guest's.
func TestAbandonException(t *testing.T) {
	const single, int1 = x86.VectorDB | kindException<<8 | injValid, x86.VectorDB | kindINT1<<8 | injValid
	const at, behind = 0x1000, 0x1001
	for _, x := range []struct {
		name       string
		info       uint64
		answered   func(c *CPU, v *VP) // how far its handler had come
		wantFault  uint64
		wantCommit uint64
	}{
		{"a single step", single, func(*CPU, *VP) {}, x86.VectorDB, 0},
		{"a single step, answered", single, func(c *CPU, v *VP) { exitException(c, v) }, x86.VectorDB, 0},
		{"a single step, delivered next", single, func(c *CPU, v *VP) { exitException(c, v); v.serve(c) }, 0, 0},
		{"INT1", int1, func(*CPU, *VP) {}, x86.VectorDB, vmx.CommitRIP},
		{"INT1, known and not committed", int1, func(c *CPU, v *VP) { exitException(c, v) }, x86.VectorDB, vmx.CommitRIP},
		{"an NMI", kindNMI | kindNMI<<8 | injValid, func(*CPU, *VP) {}, 0, 0},
		{"a machine check", x86.VectorMC | injHardware | injValid, func(*CPU, *VP) {}, 0, 0},
		{"it met INIT", single, func(c *CPU, v *VP) { exitException(c, v); v.restart(c, EvINIT) }, 0, 0},
	} {
		vmcs.Forget()
		c, p := bench(t, 1)
		v := p.VP(0)
		v.Ctx.Reason, v.Ctx.RIP, v.Ctx.Len, dr6 = uint64(vmcs.ReasonException), at, behind-at, x86.DR6Init
		vmcs.ExitInterruptionInfo.Write(uint32(x.info))
		vmcs.ExitQualification.Put(x86.DR6BS)
		x.answered(c, v)
		for range 2 {
			v.abandon(c)
		}
		assert.Equal(t, x.wantFault != 0, v.Events&EvFault != 0, x.name)
		if x.wantFault != 0 {
			assert.Equal(t, x.wantFault, v.Fault, x.name)
			assert.EqualValues(t, x86.DR6BS, dr6&x86.DR6BS, x.name)
		}
		assert.Equal(t, x.wantCommit, v.Ctx.Commit, x.name)
		if x.wantCommit != 0 {
			assert.EqualValues(t, behind, v.Ctx.OutRIP, x.name)
		}
	}
	vmcs.Forget()
}

// An exception is only noted when the debug registers say what it is: who finds it
// noted does not write them again.
func TestExceptionIsNotedLast(t *testing.T) {
	vmcs.Forget()
	c, p := bench(t, 1)
	v, noted := p.VP(0), uint64(EvFault)
	onDR6 = func() { noted = v.Events & EvFault }
	defer func() { onDR6 = func() {} }()
	vmcs.ExitInterruptionInfo.Write(x86.VectorDB | kindException<<8 | injValid)
	exitException(c, v)
	assert.Zero(t, noted)
	assert.NotZero(t, v.Events&EvFault)
	vmcs.Forget()
}

// An IRET that a dropped exception interrupted has not ended the blocking of NMIs.
func TestAbandonIRET(t *testing.T) {
	vmcs.Forget()
	c, p := bench(t, 1)
	v := p.VP(0)
	v.Ctx.Reason = uint64(vmcs.ReasonException)
	vmcs.ExitInterruptionInfo.Write(x86.VectorDB | kindException<<8 | 1<<12 | injValid)
	v.abandon(c)
	assert.EqualValues(t, vmcs.BlockedByNMI, vmcs.GuestInterruptibility.Read())
	vmcs.Forget()
}

// What comes from the machine is taken by the instance that its exit arrives in.
func TestArrivesWithWhatTheMachineSays(t *testing.T) {
	vmcs.Forget()
	c, p := bench(t, 2)
	v := p.VP(0)
	v.Ctx.Reason = uint64(vmcs.ReasonExternalInterrupt)
	vmcs.ExitInterruptionInfo.Write(kernel.VectorKick | injValid)
	v.bystander(c)
	assert.EqualValues(t, 1, c.IPIs)
	v.Ctx.Reason = uint64(vmcs.ReasonException)
	vmcs.ExitInterruptionInfo.Write(kindNMI | kindNMI<<8 | injValid)
	v.bystander(c)
	assert.EqualValues(t, 1, c.NMIs)
	assert.NotZero(t, p.VP(0).Events&EvNMI)
	vmcs.ExitInterruptionInfo.Write(x86.VectorDB | kindException<<8 | injValid)
	v.bystander(c)
	assert.Zero(t, v.Events&EvFault, "that is the guest's")
	vmcs.Forget()
}
