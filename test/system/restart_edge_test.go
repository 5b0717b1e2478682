package system

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// edges are those at which a restart can be made to fail, and what it comes to.
var edges = []struct{ at, phase string }{
	{"check:begin", "failed"}, {"check:end", "failed"},
	{"boot:begin", "failed"}, {"boot:end", "failed"},
	{"mirror:begin", "failed"}, {"mirror:end", "failed"},
	{"rehearse:begin", "failed"}, {"rehearse:end", "failed"},
	{"ready:begin", "failed"}, {"ready:end", "failed"},
	{"handoff:begin", "failed"}, {"handoff:end", "undone"},
	{"undo-window:begin", "undone"}, {"undo-window:end", "undone"},
}

// A restart that fails at the edge of a phase, at each of them, leaves nothing
// behind; after all of them one works, whichever way processors change. Two
// processors belong to make campaign.
func TestRestartFailsAtEveryEdge(t *testing.T) {
	t.Parallel()
	most := 1
	if os.Getenv("PERDURE_LONG") != "" {
		most = 2
	}
	for cpus := 1; cpus <= most; cpus++ {
		t.Run(fmt.Sprint(cpus), func(t *testing.T) {
			o := withImages(cpus)
			o.Image = strings.TrimSuffix(image, ".img") + "-inject.img"
			m := boot(t, o)
			const next = "cp /images/perdure.img /tmp/x.img"
			for _, e := range edges {
				r := m.restart(next, "--fail "+e.at)
				assert.Equal(t, e.phase, r.Phase, e.at)
				assert.Contains(t, r.Reason, "a failure was asked for", e.at)
				assert.Zero(t, r.Generation, e.at)
				m.unchanged(e.at, r)
			}
			for i, flags := range []string{"", "--force", "--force --native", "--force --mirror full"} {
				r := m.restart(next, flags)
				assert.Equal(t, "done", r.Phase, r.Reason)
				assert.Equal(t, uint64(i+1), r.Generation, flags)
				m.unchanged(flags, r)
			}
			m.must("hvctl check")
		})
	}
}

// Restarts go on beside other calls, and guests come and go beside restarts; of two
// that are asked for at once, one is done. It is part of make campaign.
func TestRestartBesideOthers(t *testing.T) {
	if os.Getenv("PERDURE_LONG") == "" {
		t.Skip("guests that come and go beside restarts belong to make campaign")
	}
	o := withGuests("cloud", 2)
	o.Initrd = strings.Replace(o.Initrd, "guests-", "restart-", 1)
	m := boot(t, o)
	const next, back = "/images/perdure-next.img", "/images/perdure.img"
	twice := m.must("gosh -c", "hvctl restart "+next+" & sleep 1; hvctl restart "+next+"; wait")
	assert.Equal(t, 1, strings.Count(twice, "runs now"), twice)
	assert.Contains(t, twice, "busy")
	m.must("hvctl check memory")
	beside := m.must("gosh -c", "(while ! test -e /tmp/over; do hvctl create --start /guests/tiny.toml && hvctl destroy tiny && echo a guest came and went || echo went wrong; done) & "+
		"hvctl restart "+back+"; hvctl restart "+next+"; hvctl restart "+back+"; touch /tmp/over; wait")
	assert.Equal(t, 3, strings.Count(beside, "runs now"), beside)
	assert.Greater(t, strings.Count(beside, "came and went"), 3, beside)
	assert.NotContains(t, beside, "went wrong")
	m.must("hvctl create --start /guests/tiny.toml")
	m.must("hvctl pause tiny")
	m.must("hvctl restart " + next)
	assert.Equal(t, "paused", m.state("tiny"))
	m.must("hvctl resume tiny")
	m.must("hvctl destroy tiny")
	m.share()
	m.must("hvctl check")
}
