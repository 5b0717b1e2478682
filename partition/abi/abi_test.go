package abi

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	for n := Call(1); int(n) < NumCalls; n++ {
		if got, v := SplitWord(Word(n)); got != n || v != Version {
			t.Errorf("%v: back as %v version %d", n, got, v)
		}
		if n.String() == "unknown" {
			t.Errorf("call %d has no name", n)
		}
	}
	if w := Word(CallNull); w != 0x10001 {
		t.Errorf("the null call is %#x", w)
	}
	if _, v := SplitWord(1 << 40); v == Version {
		t.Error("high bits are taken for version 1")
	}
	if Call(0).String() != "unknown" || Call(NumCalls).String() != "unknown" {
		t.Error("a call that is none has a name")
	}
}

func TestResult(t *testing.T) {
	tests := []struct {
		rax uint64
		n   uint64
		err Errno
	}{
		{0, 0, 0}, {17, 17, 0}, {1<<63 - 1, 1<<63 - 1, 0},
		{ErrFault.RAX(), 0, ErrFault}, {0xfffffffffffffc18, 0, ErrKVM}, {1 << 63, 0, -1 << 63},
	}
	for _, tt := range tests {
		if n, err := Result(tt.rax); n != tt.n || err != tt.err {
			t.Errorf("%#x: %d %d, want %d %d", tt.rax, n, err, tt.n, tt.err)
		}
	}
	seen := map[string]bool{}
	for _, e := range []Errno{ErrRights, ErrNone, ErrFault, ErrBusy, ErrArgument, ErrCall, ErrVersion, ErrKVM, -5} {
		if s := e.Error(); s == "" || seen[s] {
			t.Errorf("%d: %q", e, s)
		} else {
			seen[s] = true
		}
	}
}

func TestSignature(t *testing.T) {
	text := func(regs ...uint32) (s string) {
		for _, r := range regs {
			s += string(binary.LittleEndian.AppendUint32(nil, r))
		}
		return s
	}
	if got := text(SignatureB, SignatureC, SignatureD); got != "PerdurePerdr" {
		t.Errorf("signature %q", got)
	}
	if got := text(KVMSignatureB, KVMSignatureC, KVMSignatureD); got != "KVMKVMKVM\x00\x00\x00" {
		t.Errorf("KVM signature %q", got)
	}
	if got := text(InterfaceID); got != "Prd1" {
		t.Errorf("interface %q", got)
	}
}

func TestVersionPacks(t *testing.T) {
	if a, b, c := UnpackVersion(PackVersion(1, 22, 255)); a != 1 || b != 22 || c != 255 {
		t.Errorf("%d.%d.%d", a, b, c)
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[uint32]string{10: "cpuid", 1<<31 | 33: "bad-guest-state", 35: "reason-35", 79: "reason-79", 65535: "reason-65535"} {
		if got := ReasonName(in); got != want {
			t.Errorf("reason %#x: %q, want %q", in, got, want)
		}
	}
	if got := FeatureNames(FeatVPID | FeatSMAP | 1<<63); len(got) != 2 || got[0] != "vpid" || got[1] != "smap" {
		t.Errorf("features %v", got)
	}
	for i := range NumFeatures {
		if featureNames[i] == "" {
			t.Errorf("feature %d has no name", i)
		}
	}
	for s := StateReady; s < numStates; s++ {
		if s.String() == "" || s.String() == "?" {
			t.Errorf("state %d has no name", s)
		}
	}
	for i := range NumCheckItems {
		if ItemName(i) == "" {
			t.Errorf("item %d has no name", i)
		}
	}
	if State(0).String() != "?" || State(99).String() != "?" || ItemName(99) != "unknown" || ItemName(-1) != "unknown" {
		t.Error("a value that is none has a name")
	}
}

// TestTheGuestsKnowHowManyCallsThereAre: test/guest/exits makes all of them with
// wild arguments, and the one behind the last.
func TestTheGuestsKnowHowManyCallsThereAre(t *testing.T) {
	text, err := os.ReadFile("../../test/guest/exits/cpuid.c")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("CALLS = %d ", NumCalls); !strings.Contains(string(text), want) {
		t.Errorf("test/guest/exits/cpuid.c has not %q", want)
	}
}
