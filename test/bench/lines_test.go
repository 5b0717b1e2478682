package main

import "testing"

func TestLines(t *testing.T) {
	if n := lines([]byte("package x\n\n// A comment.\n\tx := 1 // one\n}\n")); n != 3 {
		t.Errorf("%d lines of code, want 3", n)
	}
}

func TestRecoveryFilesAreThere(t *testing.T) {
	var b bench
	if err := b.recoveryLines("../.."); err != nil {
		t.Fatal(err)
	}
	n, _ := b.value("recover.loc")
	if t.Logf("%v lines", n); n < 500 {
		t.Errorf("%v lines", n)
	}
}
