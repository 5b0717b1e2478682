//go:build !metal

package hhr

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/boot"
	"perdure/hhr/image"
	"perdure/hhr/image/sign"
	"perdure/hhr/record"
	"perdure/kernel"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition"
	"perdure/partition/abi"
)

// given is a restart whose image has been loaded: one of a build with such records.
func given(t *testing.T, change func(l *record.Layouts)) *partition.Restart {
	t.Helper()
	r, h := under(t, abi.PhaseCheck)
	h.CPUs = 1
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	h.Key = [32]byte(public)
	l, err := record.Describe()
	require.NoError(t, err)
	change(l)
	layouts := l.Encode()
	m := image.Manifest{
		Build: "another", Home: 1 << 20, Blackout: 7000, Entry: boot.PageVersion, Handoff: kernel.SeatVersion, Layouts: uint64(len(layouts)),
	}
	kernel.Boot().HomeSize, kernel.Boot().Direct = 32*mib, 128*mib
	file := sign.File(sign.With(sign.Sample(), layouts), &m, key)
	r.Image, r.Report.Taken = 100*mib, uint64(len(file))
	copy(mm.Bytes(addr.HPA(r.Image), r.Report.Taken), file)
	p := partition.Lookup(1)
	*p = partition.Partition{ID: 1, Kind: partition.Service, State: partition.Creating}
	r.Service = 1
	return r
}

// judging goes on until the image has been judged.
func judging(r *partition.Restart) {
	for r.Phase() == abi.PhaseCheck && r.Ends == 0 {
		step(r)
	}
}

// addField gives virtual processors one more field, in front of the others.
func addField(will record.Will) func(*record.Layouts) {
	return func(l *record.Layouts) {
		vps := l.Of(l.Table(kept.KindVPs))
		for i := range vps.Fields {
			vps.Fields[i].Offset += 8
		}
		vps.Size += 8
		l.Table(kept.KindVPs).Stride += 8
		vps.Fields = append(vps.Fields, record.Field{Name: "More", Number: 4000, Type: record.Uint, Size: 8, Len: 1, Will: will})
	}
}

// Records that the two builds would not give each other are a reason against an
// image before anything of it runs.
func TestRecordsAreJudgedFirst(t *testing.T) {
	same := func(*record.Layouts) {}
	lacks := func(l *record.Layouts) {
		vps := l.Of(l.Table(kept.KindVPs))
		for i := range vps.Fields {
			if vps.Fields[i].Name == "XCR0" {
				vps.Fields = append(vps.Fields[:i], vps.Fields[i+1:]...)
				return
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*record.Layouts)
		says   string // nothing: it begins to boot
	}{
		{"the same", same, ""},
		{"one that may be dropped", addField(record.WillDrop), ""},
		{"one that has a default", addField(record.WillDefault), ""},
		{"one that must be known", addField(record.WillMust), "More: the running build does not have it"},
		{"one of ours that must be known", lacks, "XCR0: the next build does not know it, and it must be known"},
	} {
		r := given(t, c.change)
		judging(r)
		assert.Equal(t, c.says != "", r.Ends != 0, c.name)
		assert.Contains(t, abi.Text(r.Report.Reason[:]), c.says, c.name)
		assert.Equal(t, c.says == "", r.Report.At[abi.PhaseBoot] != 0, "%s: it begins to boot", c.name)
	}
}

// What the handoff takes is foretold, and held against what is allowed.
func TestForetold(t *testing.T) {
	same := func(*record.Layouts) {}
	for _, c := range []struct {
		name      string
		change    func(*record.Layouts)
		flags     uint64
		budget    uint64
		predicted uint64
		allowed   uint64
	}{
		{"by the flip", same, 0, 0, byFlip, 7000},
		{"by loading", same, abi.RestartNative, 0, byLoad + alone, 7000},
		{"other records", addField(record.WillDrop), 0, 0, byLoad + alone, 7000},
		{"copied", same, abi.RestartFull, 0, byLoad + alone, 0},
		{"as much as is allowed", same, 0, byFlip, byFlip, byFlip},
		{"more than is allowed", same, 0, byFlip - 1, byFlip, byFlip - 1},
	} {
		r := given(t, c.change)
		r.Report.Flags, r.Report.Budget = c.flags, c.budget
		judging(r)
		assert.Equal(t, c.predicted, r.Report.Predicted, c.name)
		assert.Equal(t, c.allowed, r.Report.Budget, c.name)
		assert.Equal(t, c.allowed != 0 && c.predicted > c.allowed, r.Ends != 0, c.name)
		if r.Ends != 0 {
			assert.Contains(t, abi.Text(r.Report.Reason[:]), "stand for about 880 instructions, allowed are 879", c.name)
		}
	}
	assert.Less(t, foretell(1, false), foretell(2, false))
	assert.Less(t, foretell(2, true), foretell(4, true))
}
