package engine

import (
	"fmt"
	"reflect"
	"runtime/debug"
)

// contain turns a panic of a connector or of the mapping into an error, and logs where it came from.
func (e *Engine) contain(source, op string, fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("a panic was contained", "source", source, "op", op, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("%s: %w", op, panicked{p})
		}
	}()
	return fn()
}

// panicked is the error that a contained panic becomes: a mistake of ours, not of the other side.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("internal error: %v", p.value) }

// solid turns a typed nil, which a connector returns by mistake, into the nil that was meant.
func solid(err error) error {
	if err != nil && isNil(err) {
		return nil
	}
	return err
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Interface, reflect.Chan:
		return r.IsNil()
	default:
		return false
	}
}
