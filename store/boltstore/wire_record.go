package boltstore

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// What people made is little beside what sources yield, so its records are JSON behind the version byte: fields come and
// go by their names.
const recordVersion = 1

func encodeRecord(v any) ([]byte, error) {
	b := bytes.NewBuffer([]byte{recordVersion})
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // so that an address is found as it is written
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	return b.Bytes(), nil
}

func decodeRecord[T any](b []byte, what string) (out T, err error) {
	var zero T
	if len(b) == 0 || b[0] != recordVersion {
		return zero, corrupt(what)
	}
	if err := json.Unmarshal(b[1:], &out); err != nil {
		return zero, corrupt(what)
	}
	return out, nil
}
