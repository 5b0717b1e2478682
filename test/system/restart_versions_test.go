package system

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// converted is what a restart's report says of the records.
type converted struct {
	Same      bool `json:"same_layout"`
	Records   uint64
	Residue   uint64 `json:"residue_bytes"`
	Predicted uint64 `json:"predicted"`
}

// records reads that from the report of the last restart.
func (m *machine) records() (c converted) {
	m.t.Helper()
	require.NoError(m.t, json.Unmarshal([]byte(m.must("hvctl restart --report --json")), &c))
	return c
}

// Versions with other kept records follow each other, up and down, with guests at
// work: this one, an earlier one that lacks a field, a later one that has a field, a
// table and a feature more. Each has what it says it has, and a machine that
// is not what it should be afterwards does not pass its own checks.
func TestVersionsFollowEachOther(t *testing.T) {
	o := withGuests("cloud", 2)
	o.Initrd = filepath.Join(filepath.Dir(image), "restart-cloud.cpio")
	m := boot(t, o)
	m.must("hvctl create --start /guests/a.toml")
	for i, version := range []string{"-prev", "", "-next", "", "-prev"} {
		r := m.restart("cp /images/perdure"+version+".img /tmp/x.img", "")
		require.Equal(t, "done", r.Phase, "%s: %s", r.To, r.Reason)
		assert.Equal(t, uint64(i+1), r.Generation)
		c := m.records()
		t.Logf("to %s: %+v", r.To, c)
		assert.False(t, c.Same, "other records")
		assert.Less(t, c.Residue, uint64(8*4096), "of four VPs and the candidate's two")
		assert.Equal(t, version == "-next", strings.Contains(m.must("hvctl info"), "wait-times"), "the feature of the later version")
		assert.Equal(t, "running", m.state("a"))
	}
	// Back to this one, and all its records copied though they are the same.
	r := m.restart("cp /images/perdure.img /tmp/x.img", "")
	require.Equal(t, "done", r.Phase, r.Reason)
	r = m.restart("cp /images/perdure.img /tmp/x.img", "--force --mirror full")
	require.Equal(t, "done", r.Phase, r.Reason)
	c := m.records()
	assert.False(t, c.Same)
	assert.Greater(t, c.Records, uint64(100))
	// What has been copied is had back after a new instance that fails at once.
	r = m.restart("cat /images/bad.body /images/panic@arrived.page > /tmp/x.img", "--mirror full")
	assert.Equal(t, "undone", r.Phase, r.Reason)
	assert.Equal(t, r.FreeBefore, r.FreeAfter, "free memory")
	m.must("hvctl stop --wait a") // it answers the button: it is alive
	m.must("hvctl check")
	m.must("hvctl check memory")
}
