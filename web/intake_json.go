package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// parseJSON reads an object of names and values, {"email": "…", "topics": ["…", "…"]}, or one with such an
// object under "fields". Values are texts, numbers, truths, null, or lists of these. Nothing is nested deeper, so
// nothing deep is ever built.
func (a *arrival) parseJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	bad := &intakeError{status: http.StatusBadRequest, key: "intake.bad_json"}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return bad
	}
	if err := a.parseObject(d, true); err != nil {
		return refusalOr(err, bad)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad
	}
	return nil
}

// refusalOr is err if it is a refusal, else the other.
func refusalOr(err error, other *intakeError) error {
	var e *intakeError
	if errors.As(err, &e) {
		return e
	}
	return other
}

// errNested means that a value is an object or a list in a list.
var errNested = errors.New("nested value")

// parseObject reads names and values up to the closing brace.
func (a *arrival) parseObject(d *json.Decoder, top bool) error {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return errNested
		}
		value, err := d.Token()
		if err != nil {
			return err
		}
		switch value {
		case json.Delim('['):
			err = a.parseList(d, name)
		case json.Delim('{'):
			if !top || name != "fields" {
				return errNested
			}
			err = a.parseObject(d, false)
		default:
			err = a.addScalar(name, value)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.Token() // the brace
	return err
}

func (a *arrival) parseList(d *json.Decoder, name string) error {
	for d.More() {
		value, err := d.Token()
		if err != nil {
			return err
		}
		if _, nested := value.(json.Delim); nested {
			return errNested
		}
		if err := a.addScalar(name, value); err != nil {
			return err
		}
	}
	_, err := d.Token() // the bracket
	return err
}

func (a *arrival) addScalar(name string, value json.Token) error {
	switch v := value.(type) {
	case string:
		return a.add(name, v)
	case json.Number:
		return a.add(name, v.String())
	case bool:
		if v {
			return a.add(name, "true")
		}
		return a.add(name, "false")
	default: // null
		return a.add(name, "")
	}
}
