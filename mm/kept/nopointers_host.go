//go:build !metal

package kept

import (
	"fmt"
	"reflect"
)

// NoPointers returns an error that names the first part of T that may not be in
// a kept record: anything that refers to memory, and anything whose size
// differs between machines. It is for tests; reflection stays out of the image.
func NoPointers[T any]() error { return inspect(reflect.TypeFor[T](), reflect.TypeFor[T]().String()) }

func inspect(t reflect.Type, path string) error {
	switch t.Kind() {
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Array:
		return inspect(t.Elem(), path+"[]")
	case reflect.Struct:
		for i := range t.NumField() {
			if err := inspect(t.Field(i).Type, path+"."+t.Field(i).Name); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s is a %s: it may not be kept", path, t.Kind())
}
