package system

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// A booked machine is one that a test has had: for so long, for so many instructions.
type booked struct {
	test string
	span time.Duration
	work uint64 // of each of its processors
	cpus int
}

// book is what machines have taken, for the list at the end.
var book struct {
	sync.Mutex
	all   []booked
	begin time.Time
}

func (b booked) write() {
	book.Lock()
	defer book.Unlock()
	book.all = append(book.all, b)
}

// took prints what each machine has taken, the longest first, and how much of the
// time both slots were in use.
func took() {
	slices.SortFunc(book.all, func(a, b booked) int { return cmp.Compare(b.span, a.span) })
	all := time.Duration(0)
	for _, b := range book.all {
		all += b.span
		fmt.Fprintf(os.Stderr, "took %5.0f s %7d M instructions × %d  %s\n", b.span.Seconds(), b.work/1_000_000, b.cpus, strings.TrimPrefix(b.test, "Test"))
	}
	whole := time.Since(book.begin)
	fmt.Fprintf(os.Stderr, "took %5.0f s in all for %.0f s of machines, %.2f at a time\n", whole.Seconds(), all.Seconds(), all.Seconds()/max(whole.Seconds(), 1))
}
