package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// plainFormats are those of the API library, except that what cannot be read is said without the words of the language in
// which the server is written.
func plainFormats() map[string]huma.Format {
	out := maps.Clone(huma.DefaultFormats)
	for name, format := range out {
		read := format.Unmarshal
		format.Unmarshal = func(data []byte, v any) error { return plainly(read(data, v)) }
		out[name] = format
	}
	return out
}

// plainly says in one sentence what is wrong with a body.
func plainly(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var moment *time.ParseError
	switch {
	case errors.As(err, &kind) && len(kind.Value) > len("number ") && kind.Value[:len("number ")] == "number ":
		return fmt.Errorf("%s: the number %s is out of range, or has decimals where none may be", bodyPlace(kind.Field), excerpt(kind.Value[len("number "):], 60))
	case errors.As(err, &kind):
		return fmt.Errorf("%s: something else than a JSON %s is wanted here", bodyPlace(kind.Field), kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON: %s (byte %d)", syntax.Error(), syntax.Offset)
	case errors.As(err, &moment):
		return fmt.Errorf("%q is not a time such as 2026-11-21T09:00:00+09:00", shown(moment.Value))
	}
	return err
}

// bodyPlace is where in a body something stands.
func bodyPlace(field string) string {
	if field == "" {
		return "body"
	}
	return "body." + field
}
