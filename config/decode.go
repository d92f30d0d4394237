package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/mapping"
)

// decode fills v from n and notes every mistake: it does not stop at the first. A setting without a value keeps
// its default.
func (l *loader) decode(n *yaml.Node, v reflect.Value, path string) {
	if isNull(n) {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		l.decode(n, v.Elem(), path)
		return
	}
	if v.CanAddr() && l.decodeOwn(n, v.Addr().Interface(), path) {
		return
	}
	if v.Type() == reflect.TypeFor[Form]() {
		v.Set(reflect.ValueOf(newForm()))
	}
	if v.Type() == reflect.TypeFor[Google]() {
		v.Set(reflect.ValueOf(newGoogle()))
	}
	switch v.Kind() {
	case reflect.Struct:
		l.decodeStruct(n, v, path)
	case reflect.Slice:
		l.decodeSlice(n, v, path)
	case reflect.Map:
		l.decodeMap(n, v, path)
	case reflect.Interface:
		if err := n.Decode(v.Addr().Interface()); err != nil {
			l.at(n, path, err.Error(), "")
		}
	default:
		l.decodeScalar(n, v, path)
	}
}

// decodeOwn lets a type read itself, if it can.
func (l *loader) decodeOwn(n *yaml.Node, v any, path string) bool {
	var err error
	switch own := v.(type) {
	case interface{ UnmarshalYAML(*yaml.Node) error }:
		err = own.UnmarshalYAML(n)
	case encoding.TextUnmarshaler:
		if n.Kind != yaml.ScalarNode {
			l.at(n, path, "a single value is wanted here", "")
			l.broken[n] = true
			return true
		}
		if l.unset[n] {
			return true
		}
		err = own.UnmarshalText([]byte(n.Value))
	default:
		return false
	}
	if err != nil {
		l.at(n, path, strings.TrimPrefix(err.Error(), "yaml: "), "")
	}
	return true
}

func (l *loader) decodeStruct(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		l.at(n, path, "a group of settings is wanted here", "write `name: value` lines, indented below")
		l.broken[n] = true
		return
	}
	fields := map[string]reflect.Value{}
	collectFields(v, fields)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, known := fields[key.Value]
		if !known {
			names := make([]string, 0, len(fields))
			for name := range fields {
				names = append(names, name)
			}
			l.at(key, join(path, key.Value), "there is no such setting", mapping.Suggest(key.Value, names))
			continue
		}
		l.decode(value, field, join(path, key.Value))
	}
}

// collectFields maps the yaml names of a struct's fields, those of inlined structs included.
func collectFields(v reflect.Value, fields map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case slices.Contains(strings.Split(options, ","), "inline"):
			collectFields(v.Field(i), fields)
		case name == "":
			fields[strings.ToLower(f.Name)] = v.Field(i)
		default:
			fields[name] = v.Field(i)
		}
	}
}

func (l *loader) decodeSlice(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		l.at(n, path, "a list is wanted here", "write [one, two], or one `- entry` a line")
		l.broken[n] = true
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, child := range n.Content {
		l.decode(child, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(out)
}

func (l *loader) decodeMap(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode || v.Type().Key().Kind() != reflect.String {
		l.at(n, path, "a group of settings is wanted here", "write `name: value` lines, indented below")
		l.broken[n] = true
		return
	}
	out := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := reflect.New(v.Type().Elem()).Elem()
		l.decode(n.Content[i+1], value, join(path, n.Content[i].Value))
		out.SetMapIndex(reflect.ValueOf(n.Content[i].Value).Convert(v.Type().Key()), value)
	}
	v.Set(out)
}

func (l *loader) decodeScalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		l.at(n, path, "a single value is wanted here, not a list or a group", "")
		l.broken[n] = true
		return
	}
	if l.unset[n] {
		return // said already
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := ParseDuration(n.Value)
		if err != nil {
			l.at(n, path, l.quote(n)+" is not a length of time", "write 90d, 2w, 12h or 1h30m")
		}
		v.SetInt(int64(d))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		if n.Value != "true" && n.Value != "false" {
			l.at(n, path, l.quote(n)+" is neither true nor false", "")
		}
		v.SetBool(n.Value == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 10, v.Type().Bits())
		if err != nil {
			l.at(n, path, l.quote(n)+" is not a whole number", "")
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		i, err := strconv.ParseUint(n.Value, 10, v.Type().Bits())
		if err != nil {
			l.at(n, path, fmt.Sprintf("%s is not a whole number from 0 to %d", l.quote(n), uint64(1)<<v.Type().Bits()-1), "")
		}
		v.SetUint(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, v.Type().Bits())
		if err != nil {
			l.at(n, path, l.quote(n)+" is not a number", "")
		}
		v.SetFloat(f)
	default:
		l.at(n, path, "this cannot be set in a file", "")
	}
}

// quote shows a value as it stands in the file: never what a variable or a file was replaced by.
func (l *loader) quote(n *yaml.Node) string {
	written, replaced := l.written[n]
	if !replaced {
		written = n.Value
	}
	if r := []rune(written); len(r) > 80 {
		written = string(r[:80]) + "…"
	}
	return strconv.Quote(written)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
