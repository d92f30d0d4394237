package crm

import (
	"reflect"
	"slices"
	"time"
)

// Amendment is a change that somebody made of a record: as they had read it, and as it shall be. What they left alone is not
// part of it, so that the changes of two people who read the same record both count. T is a record: a struct whose fields
// are all exported.
type Amendment[T any] struct {
	Was, Is T

	// Base is Updated of the record that the change was made of: nothing is changed if it says something else by now. Zero
	// is for who cannot tell: the change is then made of the record as it is.
	Base time.Time
	// Whole refuses the change, too, if a field that it touches says something else by now than what was read.
	Whole bool
}

// On gives what the amendment makes of the record as it is now, updated being when it was changed last. ErrConflict if it
// was made of another one. Lists of words and of numbers and the declared fields are changed entry by entry: an address that
// was added joins those that somebody else added meanwhile.
func (r Amendment[T]) On(now T, updated time.Time) (T, error) {
	if !r.Base.IsZero() && !r.Base.Equal(updated) {
		return now, ErrConflict
	}
	was, is, out := reflect.ValueOf(r.Was), reflect.ValueOf(r.Is), reflect.ValueOf(&now).Elem()
	for i := range out.NumField() {
		if sameValue(was.Field(i), is.Field(i)) {
			continue
		}
		if r.Whole && !sameValue(was.Field(i), out.Field(i)) && !sameValue(is.Field(i), out.Field(i)) {
			return now, ErrConflict
		}
		out.Field(i).Set(rebased(was.Field(i), is.Field(i), out.Field(i)))
	}
	return now, nil
}

// sameValue compares two values of a field; an empty list is none, and a time is the same in every zone.
func sameValue(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Slice, reflect.Map:
		if a.Len() == 0 && b.Len() == 0 {
			return true
		}
	}
	if at, ok := a.Interface().(time.Time); ok {
		bt, _ := b.Interface().(time.Time)
		return at.Equal(bt)
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// rebased is what a field says that was changed from was to is, and says now by now.
func rebased(was, is, now reflect.Value) reflect.Value {
	switch now.Interface().(type) {
	case []string:
		return reflect.ValueOf(rebasedList[string](was, is, now))
	case []Phone:
		return reflect.ValueOf(rebasedList[Phone](was, is, now))
	case map[string]string:
		return rebasedMap(was, is, now)
	}
	return is
}

func rebasedList[E comparable](was, is, now reflect.Value) []E {
	if sameValue(was, now) {
		return listIn[E](is)
	}
	before, after := listIn[E](was), listIn[E](is)
	out := slices.DeleteFunc(slices.Clone(listIn[E](now)), func(e E) bool { return slices.Contains(before, e) && !slices.Contains(after, e) })
	for _, e := range after {
		if !slices.Contains(before, e) && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

func listIn[E any](v reflect.Value) []E {
	list, _ := v.Interface().([]E)
	return list
}

func rebasedMap(was, is, now reflect.Value) reflect.Value {
	out := reflect.MakeMap(now.Type())
	for _, key := range now.MapKeys() {
		out.SetMapIndex(key, now.MapIndex(key))
	}
	for _, key := range slices.Concat(was.MapKeys(), is.MapKeys()) {
		before, after := was.MapIndex(key), is.MapIndex(key)
		if before.IsValid() != after.IsValid() || before.IsValid() && !before.Equal(after) {
			out.SetMapIndex(key, after) // the zero Value takes it away
		}
	}
	return out
}
