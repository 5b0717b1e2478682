package record_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/hhr/record"
	"perdure/mm/kept"
)

// TestVariants: the earlier and the later version that this source makes can
// replace this one, and this one them.
func TestVariants(t *testing.T) {
	if testing.Short() || record.Variant != "" {
		t.Skip("it builds programs")
	}
	ours := own(t)
	for _, variant := range []string{"prev", "next"} {
		b, err := exec.Command("go", "run", "-tags", variant, "perdure/cmd/hvimage", "layouts").Output()
		require.NoError(t, err)
		theirs, err := record.Decode(b)
		require.NoError(t, err)
		for _, way := range [][2]*record.Layouts{{ours, theirs}, {theirs, ours}} {
			c, err := record.Compare(way[0], way[1], false)
			require.NoError(t, err, variant)
			require.False(t, c.Same)
			require.Len(t, c.Moves, 1, "but for the VPs, all stays where it is")
			require.Equal(t, kept.KindVPs, c.Moves[0].Old.Kind)
			t.Logf("%s: %d operations for a VP, %d back", variant, len(c.Moves[0].There), len(c.Moves[0].Back))
		}
	}
}
