package system

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Four Debians with two processors each, beside root on two: they boot, have
// addresses, know what time it is, trust the clock that counts it though they wait
// for processors, reach everyone, and do work in which everyone talks to everyone,
// while disks and processors are busy; all of it carries checksums. Then, in a
// campaign, the hypervisor loses its volatile state below them, and is replaced
// again and again.
func TestFourGuests(t *testing.T) {
	o := withGuests("cloud", 2)
	o.Image, o.Words = faulty(o).Image, "root_mem=416M"
	o.Initrd = filepath.Join(filepath.Dir(image), "restart-cloud.cpio")
	m := boot(t, o)
	names, addresses := []string{"a", "b", "c", "d"}, []string{rootAddress}
	for i, name := range names {
		if i%2 == 1 {
			m.must(fmt.Sprintf("dd if=/dev/zero of=/tmp/%s.img bs=1048576 count=8", name))
		}
		addresses = append(addresses, fmt.Sprintf("10.1.0.%d", 11+i))
	}
	for _, name := range names {
		m.must("hvctl create --start /guests/" + name + ".toml")
	}
	guests := strings.Join(names, ",")
	m.must("hvtest in " + guests + " hvtest smp -cpus 2 -n 50")
	m.sameTime(guests)
	m.must("hvtest in root," + guests + " hvtest ping -n 10 " + strings.Join(addresses, " "))
	peers := strings.Join(addresses, ",")
	m.must("hvtest in root," + guests + " hvtest peers -threads 2 -burn 1 -pings 2 -udp 50 -tcp 65536 -mib 0 -peers " + peers)
	m.must("hvctl top --once")
	m.must("hvctl check memory")
	m.replaceUnderLoad(append([]string{"root"}, names...), addresses, restarts(t, 20))
	for _, name := range names {
		m.must("hvctl stop " + name)
	}
	for _, name := range names {
		m.must("hvctl stop --wait " + name)
		m.must("hvctl destroy " + name)
	}
	m.must("hvctl check memory")
}

// slow is how far behind a guest's time may be that began with the right one. Until
// a kernel counts by the TSC it counts ticks, and misses those that come while it
// waits for a processor or keeps interrupts out: some seconds, on this machine.
const slow = time.Minute

// sameTime checks that guests know what time it is in root. Clocks are read in
// whole seconds.
func (m *machine) sameTime(guests string) {
	m.t.Helper()
	times := func(command string) (all []time.Time) {
		for line := range strings.Lines(m.must(command)) {
			_, text, found := strings.Cut(line, ": ")
			if !found {
				text = line
			}
			if at, err := time.Parse(time.UnixDate, strings.TrimSpace(text)); err == nil {
				all = append(all, at)
			}
		}
		return all
	}
	before, theirs, after := times("date"), times("hvtest in "+guests+" date"), times("date")
	if len(before) != 1 || len(after) != 1 || len(theirs) != strings.Count(guests, ",")+1 {
		m.t.Fatalf("dates: %v %v %v", before, theirs, after)
	}
	for _, at := range theirs {
		if at.Before(before[0].Add(-slow)) || at.After(after[0].Add(3*time.Second)) {
			m.t.Errorf("a guest's time is %v, root's %v", at, after[0])
		}
	}
}

// A guest reaches a host outside the machine: through the switch, root's bridge,
// root's card and the emulator's network, which has this host at 10.0.2.2.
func TestGuestReachesOutside(t *testing.T) {
	outside, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	text := make([]byte, 300_000)
	rand.NewChaCha8([32]byte{}).Read(text)
	go func() {
		for {
			c, err := outside.Accept()
			if err != nil {
				return
			}
			c.Write(text)
			c.Close()
		}
	}()
	o := withGuests("standard", 1)
	o.Net.Mode = "slirp"
	o.KernelWords = "hvbridge=br0 hvnet=10.0.2.15/24,10.0.2.2"
	m := boot(t, o)
	m.must("hvtest ping -n 5 -size 500 10.0.2.2") // root itself is there
	m.must("hvctl create --start /guests/out.toml")
	m.must("hvtest in out hvtest ping -n 5 -size 500 10.0.2.2 10.0.2.15")
	m.must("hvtest ping -n 5 10.0.2.31") // which is up by now
	got := m.must("hvtest in out hvtest fetch 10.0.2.2:" + strconv.Itoa(outside.Addr().(*net.TCPAddr).Port))
	if want := fmt.Sprintf("%x", sha256.Sum256(text)); !strings.Contains(got, want) {
		t.Errorf("the guest did not get the bytes whose SHA-256 is %s", want)
	}
}
