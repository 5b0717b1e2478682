package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		in   float64
		want string
	}{
		{0, "0"}, {215, "215"}, {1029, "1,029"}, {1698103083, "1,698,103,083"}, {453.28, "453.3"}, {0.9744, "0.9744"},
		{1272.6, "1,273"}, {-1234, "-1,234"}, {-123, "-123"}, {2.5, "2.5000"},
	} {
		if got := number(c.in); got != c.want {
			t.Errorf("%v: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	b := bench{results: []Entry{{Name: "a", Value: 3}, {Name: "b", Value: 2}, {Name: "zero"}}}
	b.ratio("a/b", "a", "b", "m")
	b.ratio("a/zero", "a", "zero", "m")
	b.ratio("a/none", "a", "none", "m")
	if v, ok := b.value("a/b"); !ok || v != 1.5 || len(b.results) != 4 {
		t.Errorf("%v", b.results)
	}
}

func TestRenew(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "page.md")
	const before, after = "# Page\n\n", "\nWords after it.\n"
	if err := os.WriteFile(page, []byte(before+tableBegin+"old\n"+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
	results := []Entry{
		{"exit.cpuid", 215, "instructions", 1000, "m", ""},
		{"exit.cpuid.kvm", 1029, "instructions", 1000, "m", "KVM"},
		{"image.bytes", 2637064, "bytes", 1, "m", ""},
	}
	for range 2 { // a second time changes nothing
		if err := renew(page, table(results)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	if !strings.HasPrefix(got, before+tableBegin) || !strings.HasSuffix(got, tableEnd+after) || strings.Contains(got, "old") {
		t.Errorf("%s", got)
	}
	for _, row := range []string{"| `exit.cpuid` | CPUID | 215 | 1,029 | 4.8 × | instructions |", "| `image.bytes` | the image | 2,637,064 | ≤ 4 MiB |  | bytes |"} {
		if strings.Count(got, row) != 1 {
			t.Errorf("the table has no row %q:\n%s", row, got)
		}
	}
	if s := summary(results); !strings.Contains(s, "| CPUID | 215 | 1,029 |") || strings.Contains(s, "image") {
		t.Errorf("the short table is\n%s", s)
	}
	if err := os.WriteFile(page, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if renew(page, "") == nil {
		t.Error("a page without a place for the table was renewed")
	}
}

func TestMatrix(t *testing.T) {
	b := bench{results: []Entry{{Name: "x.cpus2", Value: 20}, {Name: "x", Value: 1000}}}
	m := matrix{"What", []string{"1", "2", "3"}, []matrixRow{{"row", "x.cpusNAME"}, {"none", "y.cpusNAME"}}}
	if got, want := m.print(&b), "\nWhat:\n\n| | 1 | 2 | 3 |\n|---|---:|---:|---:|\n| row | 1,000 | 20 | |\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := m.print(&bench{}); got != "" {
		t.Errorf("a table of nothing: %q", got)
	}
}

func TestAddReplaces(t *testing.T) {
	b := bench{results: []Entry{{Name: "a", Value: 1}, {Name: "b", Value: 2}}}
	b.add(Entry{Name: "a", Value: 3})
	b.add(Entry{Name: "c", Value: 4})
	if v, _ := b.value("a"); v != 3 || len(b.results) != 3 {
		t.Errorf("%v", b.results)
	}
}

// A file of a few figures does not empty a page.
func TestRenewLosesNothing(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	all := []Entry{{Name: rows[0].name, Value: 1}, {Name: rows[1].name, Value: 2}}
	if err := os.WriteFile(page, []byte(tableBegin+"\n"+table(all)+tableEnd), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := renew(page, table(all[1:])); err == nil || !strings.Contains(err.Error(), rows[0].name) {
		t.Errorf("%v", err)
	}
	all[0].Value = 3
	if err := renew(page, table(all)); err != nil {
		t.Error(err)
	}
}
