package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
)

var churnTest = test{"churn", "for a time, have the kernel do of everything a little, and compare what comes of it", func(fs *flag.FlagSet) func(*report) {
	long := fs.Duration("for", 10*time.Second, "how long")
	return func(r *report) {
		before := kernelLog()
		rounds := 0
		for end := time.Now().Add(*long); time.Now().Before(end) && !r.failed; rounds++ {
			churn(r, uint64(rounds))
		}
		r.value("churn.rounds", rounds)
		r.check(rounds > 0, "there was no round")
		complaints(r, before)
	}
}}

// childWord makes hvtest the child that says what it was told to say.
const childWord = "-child"

// churn is one round: each part leaves the processor in ways of its own, and each
// knows what must come of it.
func churn(r *report, seed uint64) {
	quiet := &report{out: r.out, silent: true}
	defer func() { r.failed = r.failed || quiet.failed }()
	quiet.check(work(1e5) == churnSum, "a sum is wrong")
	quiet.check(leaves() == churnLeaves, "CPUID answers otherwise than at first")
	quiet.error("memory", pagesComeAndGo(seed))
	quiet.error("file", fileComesAndGoes(seed))
	word := fmt.Sprint("child ", seed)
	said, err := exec.Command("/proc/self/exe", childWord, word).Output()
	quiet.error("process", err)
	quiet.check(string(said) == word, "a process said %q, not %q", said, word)
	if runtime.NumCPU() > 1 {
		quiet.error("pipes", pingPong(quiet, 0, 1, 20))
	}
	for range 5 {
		begin := time.Now()
		time.Sleep(time.Millisecond)
		quiet.check(time.Since(begin) >= time.Millisecond, "a timer was early")
	}
}

// What is the same in each round.
var (
	churnSum    = work(1e5)
	churnLeaves = leaves()
)

// leaves adds up some of what CPUID says that is the same on all processors, again and
// again: each is an exit.
func leaves() (sum uint64) {
	for range 100 {
		for _, leaf := range []uint32{0, 0x80000002, 0x80000003, 0x80000004} {
			a, b, c, d := x86.CPUID(leaf, 0)
			sum = sum*31 + uint64(a) + uint64(b)<<16 + uint64(c)<<24 + uint64(d)<<32
		}
	}
	return sum
}

// pagesComeAndGo maps memory, fills it, makes it read-only, and compares it.
func pagesComeAndGo(seed uint64) error {
	const size = 512 << 10
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	defer unix.Munmap(b)
	for i := 0; i < size; i += pageSize {
		if b[i] != 0 {
			return fmt.Errorf("new memory has %#x at %#x", b[i], i)
		}
		b[i], b[i+pageSize-1] = byte(seed)+byte(i/pageSize), byte(i/pageSize)
	}
	if err := unix.Mprotect(b, unix.PROT_READ); err != nil {
		return err
	}
	for i := 0; i < size; i += pageSize {
		if b[i] != byte(seed)+byte(i/pageSize) || b[i+pageSize-1] != byte(i/pageSize) {
			return fmt.Errorf("page %d is not what was written", i/pageSize)
		}
	}
	return nil
}

// fileComesAndGoes writes one, reads it, and removes it.
func fileComesAndGoes(seed uint64) error {
	const name = "/tmp/churn"
	text := make([]byte, 64<<10)
	rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed))).Read(text)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return err
	}
	read, err := os.ReadFile(name)
	if err == nil && !bytes.Equal(read, text) {
		err = fmt.Errorf("what was read is not what was written")
	}
	if err == nil {
		err = os.Remove(name)
	}
	return err
}
