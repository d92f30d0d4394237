package crm_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestSameActivityLooksAtEveryField changes one field after the other: one that is added to Activity and forgotten
// in SameActivity fails here.
func TestSameActivityLooksAtEveryField(t *testing.T) {
	values := map[reflect.Type]any{
		reflect.TypeFor[time.Time](): time.Unix(1, 0), reflect.TypeFor[crm.Touch](): crm.Touch{Term: "x"}, reflect.TypeFor[crm.Match](): crm.Match{Evidence: "x"},
		reflect.TypeFor[[]crm.Revision]():  []crm.Revision{{Fields: []crm.FormField{{Values: []string{"x"}}}}},
		reflect.TypeFor[[]crm.FormField](): []crm.FormField{{Label: "x"}}, reflect.TypeFor[map[string]string](): map[string]string{"x": "y"},
	}
	for i := range reflect.TypeFor[crm.Activity]().NumField() {
		var was, now crm.Activity
		if !crm.SameActivity(&was, &now) {
			t.Fatal("two empty ones differ")
		}
		f := reflect.ValueOf(&now).Elem().Field(i)
		switch v, known := values[f.Type()]; {
		case known:
			f.Set(reflect.ValueOf(v))
		case f.Kind() == reflect.String:
			f.SetString("x")
		case f.Kind() == reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case f.Kind() == reflect.Int:
			f.SetInt(1)
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		default:
			t.Fatalf("no value for %s", f.Type())
		}
		if crm.SameActivity(&was, &now) {
			t.Errorf("%s makes no difference", reflect.TypeFor[crm.Activity]().Field(i).Name)
		}
	}
}
