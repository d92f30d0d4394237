package fakegoogle

import "encoding/json"

// clone copies one of the vendor's resources. They are plain JSON, so that what cannot be copied cannot be
// sent either; fields that are forced to be sent are forgotten.
func clone[T any](v *T) *T {
	out := new(T)
	raw, err := json.Marshal(v)
	if err != nil {
		return out
	}
	_ = json.Unmarshal(raw, out)
	return out
}
