package system

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
	"perdure/test/campaign/fault"
)

// Bits of the code that makes quick sums that turn a load into a store: what compares would
// write to each page that it compares, and to the second copy that damage is put right from.
func TestSumsThatWrite(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(strings.TrimSuffix(image, ".img") + "-inject.img")
	require.NoError(t, err)
	begin := []byte{0x45, 0x31, 0xdb, 0x4c, 0x03, 0x00} // XORL R11, R11; ADDQ 0(AX), R8
	at := bytes.Index(text, begin)
	require.Positive(t, at)
	require.Equal(t, at, bytes.LastIndex(text, begin), "FoldPage is not the only one")
	page := text[bytes.LastIndex(text[:at], []byte("\x7fELF")):] // it is linked where its file begins
	at -= len(text) - len(page)
	var tuples []fault.Tuple
	for i := at + 3; len(tuples) < 56; i++ {
		if page[i] == 0x4c && page[i+1] == 0x03 { // ADDQ, of which bits 1 and 7 make ADDQ to memory, and ORQ
			for _, bit := range []int{1, 7} {
				tuples = append(tuples, fault.Tuple{Kind: "decay", Reason: fault.At, Skip: uint64(i+1) / addr.PageSize, Step: uint64(i+1)%addr.PageSize<<3 | uint64(bit)})
			}
		}
	}
	tally := becomes(t, tuples, 14)["decay"]
	t.Log(tally)
	require.Greater(t, tally.Noticed(), 40, "they are not where they should be")
	require.Less(t, tally[fault.Failed], 12) // one in twenty fails; it was more than one in four
}
