package boltstore

import (
	"encoding/json"
	"fmt"
)

// What people made is little beside what sources yield, so its records are JSON behind the version byte: fields come and
// go by their names.
const recordVersion = 1

func encodeRecord(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	return append([]byte{recordVersion}, b...), nil
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
