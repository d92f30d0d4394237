package web

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// OptionalParam is a parameter of which "" says something else than its absence. It is exported because the API library asks
// for its methods.
type OptionalParam[T any] struct {
	Value T
	Given bool
}

// Schema is that of the value.
func (o OptionalParam[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver is where the API library puts the value.
func (o *OptionalParam[T]) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet tells that the parameter was given.
func (o *OptionalParam[T]) OnParamSet(given bool, _ any) { o.Given = given }

// pointer is nil for what was not given.
func (o OptionalParam[T]) pointer() *T {
	if !o.Given {
		return nil
	}
	return &o.Value
}
