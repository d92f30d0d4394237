package crm_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestSameActivityLooksAtEveryField changes one field after the other, also inside of what an activity holds: one
// that is added and forgotten in SameActivity fails here.
func TestSameActivityLooksAtEveryField(t *testing.T) {
	var was crm.Activity
	if now := (crm.Activity{}); !crm.SameActivity(&was, &now) {
		t.Fatal("two empty ones differ")
	}
	eachChange(t, reflect.TypeFor[crm.Activity](), "", func(path string, v reflect.Value) {
		if now := v.Interface().(crm.Activity); crm.SameActivity(&was, &now) {
			t.Errorf("%s makes no difference", path)
		}
	})
	with := crm.Activity{Meeting: &crm.Meeting{}, Outcome: &crm.Outcome{}, Revisions: make([]crm.Revision, 1), Letters: make([]crm.Letter, 1)}
	eachChange(t, reflect.TypeFor[crm.Meeting](), "Meeting", func(path string, v reflect.Value) {
		now, m := with, v.Interface().(crm.Meeting)
		if now.Meeting = &m; crm.SameActivity(&with, &now) {
			t.Errorf("%s makes no difference", path)
		}
	})
	eachChange(t, reflect.TypeFor[crm.Outcome](), "Outcome", func(path string, v reflect.Value) {
		now, o := with, v.Interface().(crm.Outcome)
		if now.Outcome = &o; crm.SameActivity(&with, &now) {
			t.Errorf("%s makes no difference", path)
		}
	})
	eachChange(t, reflect.TypeFor[crm.Letter](), "Letters", func(path string, v reflect.Value) {
		now := with
		if now.Letters = []crm.Letter{v.Interface().(crm.Letter)}; crm.SameActivity(&with, &now) {
			t.Errorf("%s makes no difference", path)
		}
	})
	eachChange(t, reflect.TypeFor[crm.Revision](), "Revisions", func(path string, v reflect.Value) {
		now := with
		if now.Revisions = []crm.Revision{v.Interface().(crm.Revision)}; crm.SameActivity(&with, &now) {
			t.Errorf("%s makes no difference", path)
		}
	})
}

// eachChange calls try with a zero value of a struct for each field in it, that field set. Of a field that is a
// struct or a pointer to one each field in turn is set.
func eachChange(t *testing.T, typ reflect.Type, path string, try func(path string, v reflect.Value)) {
	t.Helper()
	for i := range typ.NumField() {
		f, name := typ.Field(i), path+"."+typ.Field(i).Name
		set := func(value reflect.Value) {
			v := reflect.New(typ).Elem()
			v.Field(i).Set(value)
			try(name, v)
		}
		switch {
		case f.Type == reflect.TypeFor[time.Time]():
			set(reflect.ValueOf(time.Unix(1, 0)))
		case f.Type == reflect.TypeFor[map[string]string]():
			set(reflect.ValueOf(map[string]string{"x": "y"}))
		case f.Type.Kind() == reflect.Struct:
			eachChange(t, f.Type, name, func(_ string, v reflect.Value) { set(v) })
		case f.Type.Kind() == reflect.Pointer:
			set(reflect.New(f.Type.Elem()))
		case f.Type.Kind() == reflect.String:
			set(reflect.ValueOf("x").Convert(f.Type))
		case f.Type.Kind() == reflect.Slice:
			set(reflect.MakeSlice(f.Type, 1, 1))
		case f.Type.Kind() == reflect.Int:
			set(reflect.ValueOf(1))
		case f.Type.Kind() == reflect.Bool:
			set(reflect.ValueOf(true))
		default:
			t.Fatalf("no value for %s", f.Type)
		}
	}
}
