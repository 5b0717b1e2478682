package system

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loadGap is how often two systems send each other a datagram.
const loadGap = 250 * time.Millisecond

// restarts is how often the hypervisor is replaced: as often as a campaign says, or
// usually.
func restarts(t *testing.T, usually int) int {
	t.Helper()
	return asked(t, "PERDURE_RESTARTS", usually)
}

// faults are made in the hypervisor under load before it is replaced: each of them
// takes a processor's volatile state away.
const faults = 5

// manyRestarts is more than CI makes. So many go more quickly, or they would take a day:
// the candidate has more weight than all others together, and all is looked at after
// each tenth pair of them only; that no memory is lost each report says.
const manyRestarts = 20

// replaceUnderLoad has all systems talk to all, write to disks, count, and look at
// the clock, while the hypervisor recovers from faults, and then is replaced again
// and again, by the later version and by this one in turn; nobody may notice.
func (m *machine) replaceUnderLoad(names, addresses []string, times int) {
	m.t.Helper()
	const marks = "/tmp/load"
	weight, pairs := 400, 1
	if times > manyRestarts {
		weight, pairs = 10000, 10
	}
	replace := fmt.Sprintf("hvctl restart --json --weight %d /images/perdure", weight)
	round := slices.Repeat([]string{replace + "-next.img", replace + ".img"}, pairs-1)
	for _, image := range []string{"-next.img", ".img"} {
		round = append(round, replace+image, "hvctl check", "hvctl info --json")
	}
	rounds := (times + 2*pairs - 1) / (2 * pairs)
	first := m.info()
	limit := time.Duration(times/6+40) * time.Minute
	said := m.within(limit, "hvtest", "in", "-timeout", limit.String(), "-marks", marks, "-after", "0s",
		"-first", fmt.Sprintf("hvctl inject --json --kind failstop --within 300 --count %d", faults),
		"-meanwhile", strings.Join(round, ";"), "-times", fmt.Sprint(rounds), strings.Join(names, ","),
		"hvtest", "witness", "-for", limit.String(), "-marks", marks, "-gap", loadGap.String(), "-blocks", "200ms",
		"-spin", "2", "-tick", "50ms", "-kib", "128", "-pause", "2s", "-gaps", "-peers", strings.Join(addresses, ","))
	f := felt(m.t, said)
	assert.Positive(m.t, f.recovered, "recoveries")
	require.Len(m.t, f.restarts, rounds*2*pairs)
	for i, r := range f.restarts {
		require.Equal(m.t, "done", r.Phase, r.Reason)
		assert.Equal(m.t, uint64(i+1), r.Generation)
		assert.Equal(m.t, r.FreeBefore, r.FreeAfter, "free memory, restart %d", i+1)
		gap, who := f.gap(r.Begin, r.Begin+r.Ticks)
		m.t.Logf("restart %d, to %s: %.0f ms; blackout %d ticks, a VP stood for %d at most; the longest gap that a system saw meanwhile: %d, on %s",
			i+1, r.To, r.Milliseconds, r.Blackout, r.stood(), gap, who)
	}
	d := f.datagrams
	assert.Positive(m.t, d.sent)
	assert.Equal(m.t, d.sent, d.answered, "datagrams that were answered")
	assert.Equal(m.t, d.sent, d.came, "datagrams that came, once each")
	m.t.Logf("%d datagrams were sent between %d systems, %d came and %d were answered", d.sent, len(names), d.came, d.answered)
	gap, who := f.gap(0, f.restarts[0].Begin)
	m.t.Logf("the longest gap before the first restart: %d, on %s", gap, who)
	for i, one := range f.infos {
		same := first
		if i%2 == 0 { // the later version has a record more
			same = f.infos[0]
		}
		assert.Equal(m.t, same.Memory.Free, one.Memory.Free, "free memory after restart %d", i+1)
		assert.Equal(m.t, same.Memory.KeptUsed, one.Memory.KeptUsed, "kept memory after restart %d", i+1)
		assert.Equal(m.t, f.recovered, one.Resets)
	}
	assert.NotRegexp(m.t, alarming, m.Text())
}

// alarming is what a kernel says that has noticed something.
var alarming = regexp.MustCompile(`soft lockup|hard lockup|rcu.*(stall|detected)|hung task|blocked for more|clocksource.*unstable|NETDEV WATCHDOG`)

// used is the part of "hvctl info --json" that must be the same after each restart.
type used struct {
	Resets uint64
	Memory struct {
		Free     uint64
		KeptUsed uint64 `json:"kept_used"`
	}
}

func (m *machine) info() used {
	m.t.Helper()
	return parsed[used](m.t, []byte(m.must("hvctl info --json")))
}

// within runs a command in root that takes long, and must succeed.
func (m *machine) within(limit time.Duration, args ...string) string {
	m.t.Helper()
	m.greeting()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	out, status, err := m.root.Run(ctx, args...)
	if err != nil {
		m.failed(strings.Join(args, " "), err)
	}
	var told strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, ": gaps.") {
			told.WriteString(line)
		}
	}
	if m.t.Logf("%s: status %d\n%s", strings.Join(args, " "), status, told.String()); status != 0 {
		m.t.Errorf("%s: status %d", args[0], status)
	}
	return string(out)
}

// feeling is what systems and reports say of restarts.
type feeling struct {
	recovered uint64 // microresets
	restarts  []restarted
	infos     []used
	gaps      map[string][]stretch
	datagrams struct{ sent, answered, came int }
}

// stretch is the longest gap that somebody saw in a stretch of time.
type stretch struct{ begin, longest uint64 }

// felt reads what "hvtest in -meanwhile" printed.
func felt(t *testing.T, said string) *feeling {
	t.Helper()
	f := &feeling{gaps: map[string][]stretch{}}
	for line := range strings.Lines(said) {
		who, what, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name, list, _ := strings.Cut(what, " ")
		switch {
		case who == "meanwhile": // read below
		case strings.HasPrefix(name, "witness.udp."):
			var sent, answered, came int
			_, err := fmt.Sscanf(list, "sent %d answered %d came %d", &sent, &answered, &came)
			require.NoError(t, err, list)
			f.datagrams.sent += sent
			f.datagrams.answered += answered
			f.datagrams.came += came
		case strings.HasPrefix(name, "gaps."):
			for _, word := range strings.Fields(list) {
				var s stretch
				_, err := fmt.Sscanf(word, "%d:%d", &s.begin, &s.longest)
				require.NoError(t, err, word)
				f.gaps[who+"."+name[len("gaps."):]] = append(f.gaps[who+"."+name[len("gaps."):]], s)
			}
		}
	}
	all, err := objects(meanwhile(said))
	require.NoError(t, err)
	for _, one := range all {
		switch {
		case strings.Contains(string(one), `"kept_used"`):
			f.infos = append(f.infos, parsed[used](t, one))
		case strings.Contains(string(one), `"outcomes"`):
			f.recovered += parsed[struct{ Outcomes map[string]uint64 }](t, one).Outcomes["microreset"]
		default:
			f.restarts = append(f.restarts, parsed[restarted](t, one))
		}
	}
	return f
}

func parsed[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

// gap returns the longest gap that a system saw between two moments.
func (f *feeling) gap(from, to uint64) (longest uint64, who string) {
	for name, list := range f.gaps {
		for i, s := range list {
			if i+1 < len(list) && list[i+1].begin <= from || s.begin > to {
				continue
			}
			if s.longest > longest {
				longest, who = s.longest, name
			}
		}
	}
	return longest, who
}

// stood is how long a virtual processor stood at most in the blackout.
func (r *restarted) stood() uint64 {
	if len(r.VPs) == 0 {
		return 0
	}
	return slices.MaxFunc(r.VPs, func(a, b stood) int { return int(a.Ticks) - int(b.Ticks) }).Ticks
}
