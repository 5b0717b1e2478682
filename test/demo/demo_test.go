package main

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// said is what a machine with a TSC of 1 MHz says, four guests with a datagram
// every 10 ms; guest d2 has one on its way in the blackout, at tick 2,000,000.
func said() string {
	var b strings.Builder
	b.WriteString("d1: witness begins\n")
	for i := range 100 {
		for g := 1; g <= 4; g++ {
			delay := 100 + i%7
			if g == 2 && i == 49 {
				delay = 10500
			}
			fmt.Fprintf(&b, "d%d: sample.10.1.0.%d %d %d\r\n", g, g+10, 1_505_000+10_000*i, delay)
		}
	}
	for _, line := range []string{"{", `"number": 3, "from": "old", "to": "new", "phase": "done",`,
		`"ticks": 300000, "ms": 300, "begin_tsc": 1900000, "blackout_tsc": 2000000, "blackout_ticks": 500, "blackout_us": 500`, "}"} {
		b.WriteString("meanwhile: " + line + "\n")
	}
	return b.String() + "d1: RESULT: PASS\n"
}

func TestFelt(t *testing.T) {
	f, err := readFelt(said())
	require.NoError(t, err)
	require.Equal(t, []string{"d1", "d2", "d3", "d4"}, f.guests)
	require.InDelta(t, 1e6, f.hz, 1)
	from, to := f.blackout()
	require.InDelta(t, 100, from, 1e-6)
	require.InDelta(t, 100.5, to, 1e-6)
	require.InDelta(t, -10, f.at(1_990_000), 1e-6)
	s := f.summary()
	require.Contains(t, s, "hot restart 3, old to new: done; blackout 500 ticks")
	require.Contains(t, s, "d2: 100 datagrams, half of them within 103 µs, the slowest 10500 µs (-5 ms from the blackout); one was on its way")
	require.NotContains(t, strings.Split(s, "\n")[1], "on its way")
	for _, bad := range []string{"", "meanwhile: {}", strings.ReplaceAll(said(), "sample", "simple")} {
		_, err := readFelt(bad)
		require.ErrorIs(t, err, errSaid)
	}
}

func TestPictures(t *testing.T) {
	f, err := readFelt(said())
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, f.draw(out))
	svg, err := os.ReadFile(out + ".svg")
	require.NoError(t, err)
	require.Contains(t, string(svg), "blackout, 500 ticks")
	require.GreaterOrEqual(t, strings.Count(string(svg), "<circle"), 400, "a dot for each datagram")
	file, err := os.Open(out + ".png")
	require.NoError(t, err)
	defer file.Close()
	picture, err := png.Decode(file)
	require.NoError(t, err)
	require.Equal(t, 1200, picture.Bounds().Dx())
	red := 0
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			if r, g, b, _ := picture.At(x, y).RGBA(); r > 0xc000 && g < 0x5000 && b < 0x5000 {
				red++
			}
		}
	}
	require.Greater(t, red, 300, "the blackout is marked")
}
