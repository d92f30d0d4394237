package webform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	maxDepth  = 64        // of lists and objects in each other
	maxValues = 2_000_000 // in one answer
)

// kind is what a value is.
type kind byte

const (
	isNull kind = iota
	isText      // also numbers and truth values, as they were written
	isList
	isObject
)

// value is a JSON value that keeps the order of an object's members.
type value struct {
	kind  kind
	text  string
	names []string // of the members of an object
	parts []value  // members or elements
}

// member is the last member of this name; a name given twice counts as its last.
func (v *value) member(name string) (value, bool) {
	for i := len(v.names) - 1; i >= 0; i-- {
		if v.names[i] == name {
			return v.parts[i], true
		}
	}
	return value{}, false
}

// parseJSON reads exactly one JSON value.
func parseJSON(raw []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	p := jsonParser{d: d}
	v, err := p.value(0)
	if err != nil {
		return value{}, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value{}, errors.New("read JSON: something follows the answer")
	}
	return v, nil
}

type jsonParser struct {
	d     *json.Decoder
	count int
}

func (p *jsonParser) value(depth int) (value, error) {
	token, err := p.d.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return value{}, err
	}
	if p.count++; p.count > maxValues {
		return value{}, fmt.Errorf("more than %d values", maxValues)
	}
	switch t := token.(type) {
	case string:
		return value{kind: isText, text: t}, nil
	case json.Number:
		return value{kind: isText, text: t.String()}, nil
	case bool:
		return value{kind: isText, text: strconv.FormatBool(t)}, nil
	case json.Delim:
		if depth >= maxDepth {
			return value{}, fmt.Errorf("more than %d levels deep", maxDepth)
		}
		return p.compound(t, depth)
	}
	return value{}, nil
}

func (p *jsonParser) compound(open json.Delim, depth int) (value, error) {
	v := value{kind: isList}
	if open == '{' {
		v.kind = isObject
	}
	for p.d.More() {
		if v.kind == isObject {
			token, err := p.d.Token()
			if err != nil {
				return value{}, err
			}
			name, ok := token.(string)
			if !ok {
				return value{}, fmt.Errorf("a member's name is %v", token)
			}
			v.names = append(v.names, name)
		}
		part, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.parts = append(v.parts, part)
	}
	_, err := p.d.Token() // the closing delimiter
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}
