package kept

import "reflect"

// Declared is what this build knows of a table.
type Declared struct {
	Kind    Kind
	Record  reflect.Type
	Count   uint64
	Version uint64 // of the record
	Reads   uint64 // oldest version of it that this build can take over
	Opaque  bool   // the processor says what is in a record: it is moved as it is or not at all
}

// declared is filled while the program is initialised.
var declared [maxKinds]Declared

// Declare says what the table of kind k consists of, before there is an arena:
// a package that has one declares it in a variable.
func Declare[T any](k Kind, count uint64) Declared {
	return declare[T](k, count, false)
}

// DeclareOpaque is Declare for records whose layout is not ours.
func DeclareOpaque[T any](k Kind, count uint64) Declared {
	return declare[T](k, count, true)
}

func declare[T any](k Kind, count uint64, opaque bool) Declared {
	declared[k] = Declared{k, reflect.TypeFor[T](), count, kinds[k].version, kinds[k].reads, opaque}
	return declared[k]
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

// Open returns the table that d declares: Table with what d says.
func Open[T any](d Declared) ([]T, error) { return Table[T](d.Kind, int(d.Count)) }
