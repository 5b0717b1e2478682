package golden

import (
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"perdure/kernel"
	"perdure/kernel/apic"
)

// Bits of what exercise found wrong.
const (
	badGoroutines = 1 << iota
	badMap
	badTimer
	badHeap
	badRecover
	badCanary
	badKept
)

// What a reset must bring back.
var (
	canary = uint64(canaryValue)
	scrap  [][]byte
	names  = map[string]int{}
	phase  atomic.Uint32
)

const canaryValue = 0x1122334455667788

// node is a tree on the heap for the collector to follow.
type node struct {
	left, right *node
	mark        uint64
}

func tree(depth int) *node {
	n := &node{mark: canaryValue}
	if depth > 0 {
		n.left, n.right = tree(depth-1), tree(depth-1)
	}
	return n
}

// count returns how many nodes are whole.
func (n *node) count() int {
	if n == nil || n.mark != canaryValue {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

// exercise uses every part of the runtime and returns what failed.
func exercise(collect bool) (bad uint64) {
	if canary != canaryValue || scrap != nil || len(names) != 0 || phase.Load() != loadNone {
		bad |= badCanary
	}
	if !goroutines() {
		bad |= badGoroutines
	}
	m := map[string]int{}
	for i := range 100 {
		m[strconv.Itoa(i)] = i
	}
	if len(m) != 100 || m["57"] != 57 {
		bad |= badMap
	}
	from := time.Now()
	time.Sleep(100 * time.Microsecond)
	<-time.After(200 * time.Microsecond)
	if d := time.Since(from); d < 300*time.Microsecond || d > time.Second {
		bad |= badTimer
	}
	t := tree(7)
	if collect {
		runtime.GC()
	}
	if t.count() != 255 {
		bad |= badHeap
	}
	if !recovers() {
		bad |= badRecover
	}
	return bad
}

// goroutines lets ten of them add up, through a lock and through a channel.
func goroutines() bool {
	var mu sync.Mutex
	var wg sync.WaitGroup
	ch := make(chan int, 3)
	locked, sent := 0, 0
	for i := range 10 {
		wg.Go(func() {
			mu.Lock()
			locked += i
			mu.Unlock()
			ch <- i
		})
	}
	for range 10 {
		sent += <-ch
	}
	wg.Wait()
	return locked == 45 && sent == 45
}

// recovers reports whether a fault becomes a panic and a panic can be recovered.
func recovers() (ok bool) {
	defer func() { ok = recover() != nil }()
	var n *node
	n.mark = 1
	return false
}

// Loads of a processor.
const (
	loadNone     = iota // yield
	loadLoop            // a tight loop in Go
	loadHeap            // allocate, collect, start goroutines
	loadSwitch          // system calls and switches
	loadIdle            // sleep until an interrupt
	loadAllocate        // allocate only
)

// loadKinds are those that a round chooses from.
var loadKinds = [...]uint32{loadLoop, loadHeap, loadSwitch, loadIdle, loadAllocate}

var work uint64

// load keeps the calling processor busy for a moment.
func load(kind uint32) {
	switch kind {
	case loadLoop:
		for i := range uint64(20000) {
			work += i ^ work<<1
		}
	case loadHeap:
		churn()
	case loadIdle:
		idle()
	case loadAllocate:
		scrap = append(scrap[:0], make([]byte, 512))
	}
	kernel.Yield()
}

// idle sleeps for half a millisecond, or until another processor kicks. What
// arrived is ended here: an interrupt in service holds back all later ones of
// its priority and below, and the next sleep would have no end.
func idle() {
	kernel.Idle(kernel.TSC() + kernel.TSCHz()/2000)
	c := kernel.This()
	for _, ok := c.TakeVector(); ok; _, ok = c.TakeVector() {
		apic.EOI()
	}
}

// churn allocates, talks to a goroutine and sometimes collects.
func churn() {
	ch, done := make(chan []byte), make(chan int)
	go func() {
		n := 0
		for b := range ch {
			n += len(b) + tree(3).count()
		}
		done <- n
	}()
	m := map[int][]byte{}
	for i := range 40 {
		b := make([]byte, i*67%5000)
		m[i&15] = b
		if i&3 == 0 {
			ch <- b
		}
	}
	close(ch)
	work += uint64(<-done) + uint64(len(m))
	if work&7 == 0 {
		runtime.GC()
	}
}

// Warm uses every part of the runtime once, so that what it makes lazily is in
// the golden copy, and lets its tables grow to what the heap may become: after
// the copy there is little memory for either.
func Warm() {
	exercise(true)
	churn()
	grown = make([]byte, kernel.HeapSize/2) // the other half is there from the start
	grown = nil
	runtime.GC()
}

var grown []byte // on the heap, whatever the compiler knows

// spoil changes what must come back.
func spoil() {
	canary = 5
	names["spoilt"]++
	scrap = append(scrap, make([]byte, 100))
}
