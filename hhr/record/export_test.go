package record

import (
	"reflect"

	"perdure/mm/kept"
)

// LayoutsOf describes a build with one table, of two records of a test's type.
func LayoutsOf[T any]() *Layouts {
	l, r := ledger{}, reflect.TypeFor[T]()
	l.number(r, r, nameOf(r), map[reflect.Type]bool{})
	out, err := describe([]kept.Declared{{Kind: kept.KindVPs, Record: r, Count: 2, Version: 1, Reads: 1}}, l)
	if err != nil {
		panic(err)
	}
	return out
}
