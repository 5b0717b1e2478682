package kernel

import "testing"

func TestScale(t *testing.T) {
	for _, c := range []struct{ hz, ticks, ns uint64 }{
		{50_000_000, 50_000_000, 1e9},
		{3_500_000_000, 3_500_000_000 * 1000, 1e12},
		{1_000_000_000, 123456789, 123456789},
	} {
		got := scale(c.ticks, perTick(c.hz))
		if !agree(got, c.ns) {
			t.Errorf("%d ticks at %d Hz are %d ns, want %d", c.ticks, c.hz, got, c.ns)
		}
	}
	if agree(100, 102) || !agree(1000, 1009) || !agree(1009, 1000) {
		t.Error("agree is not 1 %")
	}
}
