package tables

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/boot/acpi"
	"perdure/partition/abi"
)

func config() *abi.Config {
	return &abi.Config{VPs: 4, Nets: 2, Disks: 1, Flags: abi.ConfigConsole | abi.ConfigEntropy}
}

// parse reads tables as the hypervisor reads those of a real machine.
func parse(t *testing.T, b []byte) *acpi.Machine {
	t.Helper()
	m, err := acpi.Parse(b[:rsdpLen], func(at uint64, n int) []byte {
		off := int(at) - abi.TablesAt
		if off < 0 || off > len(b) || n > len(b)-off {
			return nil
		}
		return b[off:][:n]
	})
	require.NoError(t, err)
	require.Empty(t, m.Warnings)
	return m
}

func TestTablesAreRead(t *testing.T) {
	m := parse(t, Make(config()))
	require.Len(t, m.Processors, 4)
	for i, p := range m.Processors {
		require.Equal(t, acpi.Processor{ID: uint32(i), UID: uint32(i), Enabled: true}, p)
	}
	require.Equal(t, []acpi.IOAPIC{{ID: 4, Addr: abi.IOAPICBase}}, m.IOAPICs)
	require.Equal(t, []acpi.Override{{Source: abi.SCIGSI, GSI: abi.SCIGSI, Flags: 0xd}}, m.Overrides)
	require.False(t, m.PCAT)
	require.EqualValues(t, abi.LAPICBase, m.LocalAPIC)
	require.EqualValues(t, abi.SCIGSI, m.FADT.SCI)
	require.EqualValues(t, 0, m.FADT.SMICommand)
	require.EqualValues(t, abi.ResetValue, m.FADT.ResetValue)
	require.EqualValues(t, bootNoVGA|bootNoMSI|bootNoRTC, m.FADT.BootFlags)
}

func TestPC(t *testing.T) {
	c := config()
	c.Platform = abi.PlatformPC
	require.True(t, parse(t, Make(c)).PCAT)
}

// The most that a guest can have fits where the tables lie.
func TestTablesFit(t *testing.T) {
	c := config()
	c.VPs, c.Nets, c.Disks = abi.MaxGuestVPs, abi.MaxNets, abi.MaxDisks
	require.Less(t, len(Make(c)), abi.TablesSize)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, Slots(c))
}

func TestLengths(t *testing.T) {
	for _, n := range []int{0, 62, 63, 4093, 4094, 5000} {
		b := block(opScope, make([]byte, n))
		got, bytes := int(b[1]&0x3f), int(b[1]>>6)
		if bytes > 0 {
			got = int(b[1] & 15)
			for i := range bytes {
				got |= int(b[2+i]) << (4 + 8*i)
			}
		}
		require.Equal(t, len(b)-1, got, n)
	}
	require.Equal(t, []byte{opDword, 0x41, 0xd0, 0x05, 0x01}, eisa("PNP0501"))
}
