package kept

import "reflect"

// Declared is what this build knows of a table.
type Declared struct {
	Kind    Kind
	Record  reflect.Type
	Count   uint64
	Version uint64 // of the record
	Reads   uint64 // oldest version of it that this build can take over
	Marks   Mark
}

// Mark is what else is said of a table.
type Mark uint64

// Marks.
const (
	Opaque Mark = 1 << iota // the processor says what is in a record: it stays as it is and where it is
	Drop                    // a build that does not know the table may do without
)

// declared is filled while the program is initialised.
var declared [maxKinds]Declared

// Declare says what the table of kind k consists of, before there is an arena:
// a package that has one declares it in a variable.
func Declare[T any](k Kind, count uint64, marks ...Mark) Declared {
	d := Declared{Kind: k, Record: reflect.TypeFor[T](), Count: count, Version: kinds[k].version, Reads: kinds[k].reads}
	for _, m := range marks {
		d.Marks |= m
	}
	declared[k] = d
	return d
}

// AllDeclared returns what was declared, by kind.
func AllDeclared() (all []Declared) {
	for _, d := range declared {
		if d.Record != nil {
			all = append(all, d)
		}
	}
	return all
}
