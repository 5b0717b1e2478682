package record

import (
	"fmt"
	"reflect"

	"perdure/mm/kept"
)

// Numbered returns the ledger with a number for every field that this build has.
func Numbered() (string, error) {
	l, err := parseLedger(Numbers)
	if err != nil {
		return "", err
	}
	seen := map[reflect.Type]bool{}
	for _, t := range kept.AllDeclared() {
		if t.Record.Kind() == reflect.Struct {
			l.number(t.Record, t.Record, nameOf(t.Record), seen)
		}
	}
	return l.String(), nil
}

// Keeps reports an error if a number of an older ledger means something else now.
func Keeps(older string) error {
	was, err := parseLedger(older)
	if err != nil {
		return err
	}
	is := numbers()
	for message := range was {
		for _, name := range was.names(message) {
			if is[message][name] != was[message][name] {
				return fmt.Errorf("%s.%s was number %d and is %d", message, name, was[message][name], is[message][name])
			}
		}
	}
	return nil
}

// number gives the fields of t, which is whole or embedded there, numbers in
// message, and those of its parts.
func (l ledger) number(whole, t reflect.Type, message string, seen map[reflect.Type]bool) {
	for i := range t.NumField() {
		s := t.Field(i)
		part := s.Type
		for part.Kind() == reflect.Array {
			part = part.Elem()
		}
		switch {
		case s.Name == "_":
			continue
		case s.Anonymous && part.Kind() == reflect.Struct:
			l.number(whole, part, message, seen)
			continue
		}
		l.add(message, fieldName(whole, t, s))
		if part.Kind() == reflect.Struct && !seen[part] {
			seen[part] = true
			l.number(part, part, nameOf(part), seen)
		}
	}
}
