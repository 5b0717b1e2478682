package boot

import (
	"strings"
	"testing"
)

func TestInject(t *testing.T) {
	to, warnings := ParseOptions("inject=nil:cpuid:100,gp:ept-violation:7+")
	want := [MaxInject]Inject{{FaultNil, 10, 100, 0}, {FaultGP, 48, 7, 1}}
	if len(warnings) != 0 || to.Inject != want {
		t.Errorf("%v %v", to.Inject, warnings)
	}
	for value, complaint := range map[string]string{
		"nil":                  "needs a FAULT",
		"nil:cpuid":            "needs a FAULT",
		"oops:cpuid:1":         "no fault 'oops', but nil, index, divide, panic, gp, fail, throw, stack, hang, control",
		"nil:coffee:1":         "no exit reason 'coffee'",
		"nil:cpuid:0":          "number of an exit",
		"nil:cpuid:+":          "number of an exit",
		"nil:cpuid:1,":         "needs a FAULT",
		strings.Repeat(",", 8): "more than 8",
	} {
		to, warnings := ParseOptions("inject=" + value)
		if len(warnings) != 1 || !strings.Contains(warnings[0], complaint) || to.Inject != ([MaxInject]Inject{}) {
			t.Errorf("%s: %q, want %q", value, warnings, complaint)
		}
	}
}
