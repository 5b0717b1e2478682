// Command loud is a program with a path that ought to be quiet and is not.
//
// The one idea: each handler commits one offence, and its name says which.
package main

import (
	"os"
	"sync/atomic"
)

type vp struct {
	regs  [16]uint64
	next  *vp
	words []uint64
	name  string
	bytes [256]byte
}

var exits = [...]func(*vp) int{
	0:  quietLeaf,
	1:  quietPanic,
	2:  quietSwitch,
	3:  loudNew,
	4:  loudDeepNew,
	5:  loudStack,
	6:  loudMap,
	7:  loudInterface,
	8:  loudAppend,
	9:  loudGo,
	10: loudChan,
	11: loudDefer,
	12: loudString,
	13: loudBarrier,
	14: loudIndirect,
	15: loudMethod,
	16: loudRecursion,
	17: loudMutual,
	18: loudTable,
	19: loudClosure,
	20: quietTable,
	21: quietHook,
	22: loudWide,
	23: quietFrame,
	24: loudRewritten,
}

//go:nosplit
func quietLeaf(v *vp) int { v.regs[0]++; return 1 }

//go:nosplit
func quietPanic(v *vp) int {
	if v.regs[0] == 7 {
		panic("seven")
	}
	return int(v.words[v.regs[1]]) / int(v.regs[2])
}

//go:nosplit
func quietSwitch(v *vp) int {
	switch v.regs[0] {
	case 0:
		return 5
	case 1:
		return 7
	case 2:
		return 1
	case 3:
		return 9
	case 4:
		return 2
	case 5:
		v.regs[3] = 1
	case 6:
		return 11
	case 7:
		return 3
	case 8:
		v.regs[4]++
	}
	return 0
}

//go:nosplit
func loudNew(v *vp) int { sink = new(vp); return 0 }

//go:nosplit
func loudDeepNew(v *vp) int { return deeper(v) }

//go:noinline
//go:nosplit
func deeper(v *vp) int { return deepest(v) + 1 }

//go:noinline
//go:nosplit
func deepest(v *vp) int { sink = &vp{name: v.name}; return 1 }

//go:noinline
func loudStack(v *vp) int { var b [2000]byte; return fill(b[:], v) }

//go:noinline
//go:nosplit
func fill(b []byte, v *vp) int { b[v.regs[0]] = 1; return int(b[v.regs[1]]) }

//go:nosplit
func loudMap(v *vp) int { return names[v.regs[0]] }

//go:nosplit
func loudInterface(v *vp) int { anything = v.regs[0]; return 0 }

//go:nosplit
func loudAppend(v *vp) int { v.words = append(v.words, 1); return 0 }

//go:nosplit
func loudGo(v *vp) int { go quietLeaf(v); return 0 }

//go:nosplit
func loudChan(v *vp) int { ch <- int(v.regs[0]); return 0 }

//go:noinline
func loudDefer(v *vp) int {
	for range v.regs[0] {
		defer quietLeaf(v)
	}
	return 0
}

//go:nosplit
func loudString(v *vp) int { v.name += "."; return len(v.name) }

//go:nosplit
func loudBarrier(v *vp) int { v.next = v.next.next; return 0 }

//go:nosplit
func loudIndirect(v *vp) int { return pick(v, unknown) }

//go:noinline
//go:nosplit
func pick(v *vp, fs []func(*vp) int) int { return fs[v.regs[0]](v) }

type device interface{ read(*vp) int }

type clock struct{}

func (clock) read(*vp) int { return 1 }

//go:nosplit
func loudMethod(v *vp) int { return dev.read(v) }

//go:noinline
func loudRecursion(v *vp) int {
	if v.regs[0] == 0 {
		return 0
	}
	v.regs[0]--
	return loudRecursion(v) + 1
}

//go:noinline
func loudMutual(v *vp) int {
	if v.regs[0] == 0 {
		return 0
	}
	return mutual(v) + 1
}

//go:noinline
func mutual(v *vp) int { v.regs[0]--; return loudMutual(v) + 1 }

var ports = [4]func(*vp) int{portQuiet, portLoud, nil, portQuiet}

//go:nosplit
func loudTable(v *vp) int { return ports[v.regs[0]&3](v) }

//go:nosplit
func portQuiet(v *vp) int { return 1 }

//go:nosplit
func portLoud(v *vp) int { sink = new(vp); return 1 }

//go:nosplit
func loudClosure(v *vp) int { return with(v, func(w *vp) int { sink = new(vp); return 1 }) }

//go:noinline
//go:nosplit
func with(v *vp, f func(*vp) int) int { return f(v) }

var quietPorts = [...]struct {
	low, high uint16
	read      func(*vp) int
}{{0x60, 0x64, portQuiet}, {0x70, 0x71, quietLeaf}}

//go:nosplit
func quietTable(v *vp) int { return quietPorts[v.regs[0]&1].read(v) }

var hook func(*vp) int

//go:nosplit
func quietHook(v *vp) int { return hook(v) }

//go:nosplit
func loudWide(v *vp) int { wide(&v.bytes); return 0 }

func wide(*[256]byte)

//go:nosplit
func quietFrame(v *vp) int { var b [300]byte; return fill(b[:], v) }

var changing = portQuiet

//go:nosplit
func loudRewritten(v *vp) int { return changing(v) }

var (
	sink     *vp
	names    = map[uint64]int{}
	anything any
	ch       chan int
	unknown  []func(*vp) int
	dev      device = clock{}
	turn     atomic.Uint64
)

func main() {
	if len(os.Args) > 1 {
		hook, changing = quietLeaf, loudNew
	}
	println(exits[turn.Load()](&vp{}))
}
