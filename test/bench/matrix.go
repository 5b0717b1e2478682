package main

import (
	"fmt"
	"strings"
)

// A matrix is a table of figures that differ in two things.
type matrix struct {
	what    string
	columns []string // what they say, and what names of figures have for it
	rows    []matrixRow
}

// A matrixRow is a row: NAME is in the names of its figures where the column's word is.
type matrixRow struct{ what, name string }

// matrices stand below the table.
var matrices = []matrix{
	{"Hot restart beside busy guests: how long the processor stands that stands longest, by their virtual processors, in instructions",
		[]string{"1", "2", "4", "8"}, []matrixRow{
			{"the same build, 1 processor", "restart.blackout.same_layout.vpsNAME"},
			{"the same build, 2 processors", "restart.blackout.same_layout.vpsNAME.cpus2"},
			{"other records, 1 processor", "restart.blackout.changed.vpsNAME"},
			{"other records, 2 processors", "restart.blackout.changed.vpsNAME.cpus2"},
			{"bytes converted, 1 processor", "restart.residue.vpsNAME"},
		}},
	{"Microreset by processors, with an idle root: from noticing a failure, in instructions",
		[]string{"1", "2", "4"}, []matrixRow{
			{"to the first virtual processor", "recover.microreset.cpusNAME"},
			{"to the last processor", "recover.microreset.last.cpusNAME"},
		}},
	{"The same on one processor, by busy guests beside root",
		[]string{"1", "4", "8"}, []matrixRow{
			{"to the first virtual processor", "recover.microreset.guestsNAME"},
		}},
	{"Hot restart and microreset by a guest's memory in MiB, on one processor",
		[]string{"256", "1024"}, []matrixRow{
			{"hot restart, the same build", "restart.blackout.same_layout.mNAME"},
			{"microreset, to the first virtual processor", "recover.microreset.mNAME"},
		}},
}

// print prints what is known of it; nothing if that is nothing.
func (m matrix) print(b *bench) string {
	var s strings.Builder
	for _, r := range m.rows {
		line, known := "| "+r.what+" |", false
		for _, c := range m.columns {
			name := strings.TrimSuffix(strings.Replace(r.name, "NAME", c, 1), ".cpus1")
			v, ok := b.value(name)
			if ok {
				line, known = line+" "+number(v)+" |", true
			} else {
				line += " |"
			}
		}
		if known {
			s.WriteString(line + "\n")
		}
	}
	if s.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("\n%s:\n\n| | %s |\n|---|%s\n%s", m.what, strings.Join(m.columns, " | "), strings.Repeat("---:|", len(m.columns)), s.String())
}
