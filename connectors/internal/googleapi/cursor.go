package googleapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// ReadCursor reads a cursor into state, of which version is a field; "" leaves state as it is, and *version becomes want.
// Its error is a Fault of Kind CursorInvalid.
func ReadCursor(cur connectors.Cursor, state any, version *int, want int) error {
	if cur == "" {
		*version = want
		return nil
	}
	*version = 0
	if err := json.Unmarshal([]byte(cur), state); err != nil {
		return BadCursor(err)
	}
	if *version != want {
		return BadCursor(fmt.Errorf("its version is %d", *version))
	}
	return nil
}

// BadCursor is the Fault of a cursor that cannot be used.
func BadCursor(err error) error {
	return &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
}

// WriteCursor writes a state as a cursor.
func WriteCursor(state any) (connectors.Cursor, error) {
	raw, err := json.Marshal(state)
	if err != nil {
		return "", fmt.Errorf("write cursor: %w", err)
	}
	return connectors.Cursor(raw), nil
}

// Fingerprint changes with every setting; it is for settings that hold no secret.
func Fingerprint(settings any) string {
	open, err := json.Marshal(settings)
	if err != nil {
		return "" // cannot happen: settings hold texts and numbers
	}
	sum := sha256.Sum256(open)
	return hex.EncodeToString(sum[:8])
}
