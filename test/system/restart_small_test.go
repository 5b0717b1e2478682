package system

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	img "perdure/hhr/image"
	"perdure/hhr/image/sign"
	"perdure/hhr/record"
	"perdure/mm/kept"
)

// smallRoot is a root that does nothing but replace the hypervisor by an image, and
// says what it felt.
func smallRoot(cpus, memory int, file, words string) rig.Options {
	return rig.Options{
		Config: emu.Config{Kind: emu.Auto, CPUs: cpus, Memory: memory},
		Kernel: filepath.Join(filepath.Dir(image), "guest", "restart.elf"), Initrd: file, KernelWords: words,
	}
}

var figureOf = regexp.MustCompile(`FIGURE (\w+) 0 (\d+)`)

// figures are those that it says last, each the first of its name.
func (m *machine) figures() map[string]int {
	m.t.Helper()
	m.want(`RESULT: over`)
	all := map[string]int{}
	for _, line := range figureOf.FindAllStringSubmatch(clean(m.Text()), -1) {
		all[line[1]], _ = strconv.Atoi(line[2])
	}
	return all
}

// A root with 64 GiB, of which it touches little, stands no longer than any other,
// and about as long as was foretold.
func TestRestartOfALargeMachine(t *testing.T) {
	m := boot(t, smallRoot(1, 64<<10, image, "flags=1"))
	f := m.figures()
	t.Log(f)
	assert.Equal(t, 1, f["generation"])
	assert.NotZero(t, f["flip"], "by the flip")
	assert.Less(t, f["stand"], 1000)
	assert.Less(t, f["vmxops"], 40)
	assert.InDelta(t, f["predicted"], f["blackout"], 0.3*float64(f["blackout"]), "as foretold")
	assert.Zero(t, f["residue"]+f["held"]+f["converting"])
}

// signed makes an image of another one, with what was changed in it.
func signed(t *testing.T, from string, flags ...string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "changed.img")
	out, err := exec.Command("go", append(append([]string{"run", "perdure/cmd/hvimage", "sign", "-o", name}, flags...), from)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// A new instance with other records fails when it arrives: those that were converted
// are had back, and the same can be done again, on one processor.
func TestOtherRecordsComeBack(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(filepath.Dir(image), "perdure-bad-next.img")
	for cpus := 1; cpus <= 2; cpus++ {
		t.Run(fmt.Sprint(cpus), func(t *testing.T) {
			times := 3 - cpus
			m := boot(t, smallRoot(cpus, 512, signed(t, bad, "-bad", "panic@arrived"), "flags=1 times="+strconv.Itoa(times)))
			f := m.figures()
			t.Log(f)
			said := clean(m.Text())
			assert.Len(t, regexp.MustCompile(`over in phase 12`).FindAllString(said, -1), times, "undone each time")
			assert.Contains(t, said, "the new instance failed before it had shown that it works")
			assert.NotContains(t, said, "free memory that is gone")
			assert.Zero(t, f["generation"])
			assert.GreaterOrEqual(t, f["residue"], 3000, "records were converted")
			assert.NotZero(t, f["mirrored"])
		})
	}
}

// An image with a field that must be known, which this build does not know, is
// refused before anything of it runs.
func TestUnknownFieldIsRefused(t *testing.T) {
	file, err := os.ReadFile(image)
	require.NoError(t, err)
	m, err := img.Read(file)
	require.NoError(t, err)
	body := sign.Body(file)
	l, err := record.Decode(m.LayoutsOf(body))
	require.NoError(t, err)
	vps := l.Of(l.Table(kept.KindVPs))
	vps.Fields = append(vps.Fields, record.Field{Name: "More", Number: 4000, Type: record.Uint, Offset: vps.Size, Size: 8, Len: 1, Will: record.WillMust})
	vps.Size += 8
	l.Table(kept.KindVPs).Stride += 8
	program := body[:len(body)-(int(m.Layouts)+img.PageSize-1)&^(img.PageSize-1)]
	layouts := l.Encode()
	m.Layouts = uint64(len(layouts))
	name := filepath.Join(t.TempDir(), "must.img")
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, sign.File(sign.With(program, layouts), &m, key), 0o600))
	name = signed(t, name)

	out, err := exec.Command("go", "run", "perdure/cmd/hvimage", "compat", image, name).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "More: the running build does not have it")

	machine := boot(t, smallRoot(1, 512, name, "flags=1"))
	f := machine.figures()
	said := clean(machine.Text())
	assert.Zero(t, f["generation"])
	assert.Regexp(t, `hot restart 1, check: .*More: the running build does not have it`, said)
	assert.NotContains(t, said, "candidate:")
	assert.NotContains(t, said, "free memory that is gone")
}
