package system

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// withImages is a root that has images to restart with.
func withImages(cpus int) rig.Options {
	return rig.Options{
		Config: emu.Config{Kind: emu.Auto, CPUs: cpus, Memory: 768},
		Kernel: "cloud",
		Initrd: filepath.Join(filepath.Dir(image), "images-cloud.cpio"),
		Words:  "root_mem=512M", KernelWords: quick, Commands: true,
	}
}

// restarted is the part of a restart's report that tests look at.
type restarted struct {
	Number     uint64
	Phase      string
	Reason     string
	From, To   string
	Generation uint64
	FreeBefore uint64 `json:"free_before"`
	FreeAfter  uint64 `json:"free_after"`

	Blackout     uint64  `json:"blackout_ticks"`
	Milliseconds float64 `json:"ms"`
	Ticks        uint64
	Begin        uint64 `json:"begin_tsc"`
	VPs          []stood
}

// stood is how long a virtual processor stood.
type stood struct{ Ticks uint64 }

// restart makes an image by a script of root's shell, as /tmp/x.img, and restarts
// with it.
func (m *machine) restart(script, flags string) (r restarted) {
	m.t.Helper()
	m.must("gosh -c", script)
	words := append([]string{"hvctl", "restart", "--json"}, strings.Fields(flags)...)
	out, _ := m.try(append(words, "/tmp/x.img")...)
	require.NoError(m.t, json.Unmarshal([]byte(out), &r), "%s\n%s", script, out)
	return r
}

// unchanged checks that nothing is left of a restart that was not done.
func (m *machine) unchanged(name string, r restarted) {
	m.t.Helper()
	assert.Equal(m.t, r.FreeBefore, r.FreeAfter, "%s: free memory", name)
	var list []struct{ Name string }
	require.NoError(m.t, json.Unmarshal([]byte(m.must("hvctl list --json")), &list))
	assert.Len(m.t, list, 1, "%s: only root is there", name)
}

// Images that are no images, or not ours, or do not fit, are refused before
// anything of them runs, with the reason.
func TestImagesThatAreRefused(t *testing.T) {
	m := boot(t, withImages(1))
	const good = "/images/perdure.img"
	for _, c := range []struct{ name, script, flags, says string }{
		{"the same build", "cp " + good + " /tmp/x.img", "", "--force"},
		{"unsigned", "head -c 4096 /images/bad.body > /tmp/x.img; cat /images/bad.body >> /tmp/x.img", "", "no manifest"},
		{"cut off", "cp " + good + " /tmp/x.img; truncate -s 1000000 /tmp/x.img", "", "cut off"},
		{"cut off at a page", "cp " + good + " /tmp/x.img; truncate -s 1048576 /tmp/x.img", "", "no manifest"},
		{"a byte changed", "cp " + good + " /tmp/x.img; echo -n x | dd of=/tmp/x.img bs=1 seek=1000000 conv=notrunc", "--force", "digest is not the signed one"},
		{"the manifest changed", "cp /images/nil@boot.page /tmp/p; echo -n z | dd of=/tmp/p bs=1 seek=16 conv=notrunc; cat /images/bad.body /tmp/p > /tmp/x.img", "", "signature is not valid"},
		{"another's key", "cat /images/bad.body /images/other.page > /tmp/x.img", "", "signed by"},
		{"too small a budget", "cp " + good + " /tmp/x.img", "--force --budget 800", "allowed are 800"},
		{"copying all is above it", "cp " + good + " /tmp/x.img", "--force --mirror full --budget 5000", "allowed are 5000"},
		{"a budget that will do", "cp " + good + " /tmp/x.img", "--force --dry --budget 900", "a dry run: all was ready"},
		{"an empty page", "dd if=/dev/zero of=/tmp/x.img bs=4096 count=4", "", "no manifest"},
	} {
		r := m.restart(c.script, c.flags)
		assert.Equal(t, "failed", r.Phase, c.name)
		assert.Contains(t, r.Reason, c.says, c.name)
		assert.Zero(t, r.Generation, c.name)
		m.unchanged(c.name, r)
	}
	m.gives(5, "hvctl restart /images/none.img")
	m.must("hvctl check memory")
}

// What a new instance may do wrong, it does: nobody but the report notices, or,
// after the handoff, the old instance goes on. It is part of make campaign.
func TestImagesThatFail(t *testing.T) {
	if os.Getenv("PERDURE_LONG") == "" {
		t.Skip("images that fail on purpose belong to make campaign")
	}
	m := boot(t, withImages(2))
	for _, c := range []struct{ word, flags, phase, says string }{
		{"panic@boot", "", "failed", ""},
		{"nil@boot", "", "failed", ""},
		{"triple@boot", "", "failed", "triple fault"},
		{"memory@boot", "", "failed", ""},
		{"refuse@boot", "", "failed", "it refuses on purpose"},
		{"outside@boot", "", "failed", ""},
		{"kept@attached", "", "failed", ""},
		{"memory@attached", "", "failed", ""},
		{"hang@started", "--timeout 3s", "failed", "asked for its end"},
		{"chatter@boot", "--timeout 3s", "failed", "asked for its end"},
		{"panic@started", "", "failed", ""},
		{"panic@sealed", "", "failed", ""},
		{"triple@sealed", "", "failed", "triple fault"},
		{"seat@sealed", "", "failed", "seat is not in its home"},
		{"hang@sealed", "--timeout 3s", "failed", "asked for its end"},
		{"layouts@attached", "", "failed", ""},
		{"lie@started", "--mirror full", "failed", "it finds something else in"},
		{"garbage@started", "--mirror full", "failed", ""},
		{"panic@arrived", "", "undone", ""},
		{"nil@arrived", "", "undone", ""},
		{"hang@arrived", "", "undone", ""},
		{"memory@arrived", "", "undone", ""},
	} {
		t.Run(c.word, func(t *testing.T) {
			m.t = t
			r := m.restart("cat /images/bad.body /images/"+c.word+".page > /tmp/x.img", c.flags)
			assert.Equal(t, c.phase, r.Phase)
			assert.NotEmpty(t, r.Reason)
			assert.Contains(t, r.Reason, c.says)
			assert.Zero(t, r.Generation)
			m.unchanged(c.word, r)
		})
	}
	m.t = t
	m.must("hvctl check memory")
	// What would reset a machine does nothing in a service partition.
	r := m.restart("cat /images/bad.body /images/ports@boot.page > /tmp/x.img", "")
	assert.Equal(t, "done", r.Phase, r.Reason)
	assert.Equal(t, uint64(1), r.Generation)
	assert.True(t, strings.HasSuffix(r.To, "-bad"), r.To)
	// And what is bad on purpose is replaced as anything else.
	r = m.restart("cp /images/perdure.img /tmp/x.img", "")
	assert.Equal(t, "done", r.Phase, r.Reason)
	assert.Equal(t, uint64(2), r.Generation)
	m.unchanged("after all", r)
	m.must("hvctl check memory")
}
