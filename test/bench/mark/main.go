// Command mark is the first process of a Linux whose start and work are measured.
//
// The one idea: the first thing it does is to read the time-stamp counter, which
// in an emulator counts instructions; the same file runs in Perdure's root
// partition and on the bare machine.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"syscall"
	"time"

	"perdure/test/bench/tsc"
)

// hvctl tells what Perdure counts; on the bare machine it tells nothing.
const hvctl = "/bin/hvctl"

func main() {
	start := tsc.Read()
	fmt.Println("RESULT init.tsc", start)
	info("before")
	info("between")
	begin := tsc.Read()
	sum := burn()
	end := tsc.Read()
	info("after")
	fmt.Printf("RESULT cpu.burn %d %x\n", end-begin, sum[:4])
	fmt.Println("RESULT end")
	time.Sleep(50 * time.Millisecond) // the serial line drains
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

// info prints hvctl's answer on one line.
func info(when string) {
	out, err := exec.Command(hvctl, "info", "--json").Output()
	if err != nil {
		return
	}
	var line []byte
	for _, c := range out {
		if c != '\n' && c != '\t' {
			line = append(line, c)
		}
	}
	fmt.Printf("INFO %s %s\n", when, line)
}

// burn does work of the usual kinds: arithmetic, memory, maps, allocation, and a
// system call now and then.
func burn() [32]byte {
	buf := make([]byte, 1<<20)
	words := make([]int, 1<<16)
	seen := map[int]int{}
	var sum [32]byte
	for round := range 8 {
		for i := range words {
			words[i] = (i*2654435761 + round) % 1000003
		}
		sort.Ints(words)
		for i, w := range words {
			buf[(i*16+round)%len(buf)] = byte(w)
			seen[w%4096] += i
		}
		sum = sha256.Sum256(append(sum[:], buf...))
		syscall.Getppid()
	}
	if len(seen) == 0 {
		os.Exit(1)
	}
	return sum
}
