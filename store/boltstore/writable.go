package boltstore

import (
	"reflect"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// writable is a copy of a record in which every time can be written down as JSON: crm.ClampTime. Records are trees of exported
// fields; what is not exported is not written, and is shared.
func writable(v any) any {
	if v == nil {
		return nil
	}
	return writableValue(reflect.ValueOf(v)).Interface()
}

func writableValue(v reflect.Value) reflect.Value {
	if t, ok := v.Interface().(time.Time); ok {
		return reflect.ValueOf(crm.ClampTime(t))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(writableValue(v.Elem()))
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(writableValue(v.Field(i)))
			}
		}
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(writableValue(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			out.SetMapIndex(key, writableValue(value))
		}
		return out
	}
	return v
}
