package crm

import (
	"crypto/rand"
	"encoding/hex"
)

// NewID is a fresh random identifier of 32 hexadecimal characters.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// DerivedID is the identifier that the same words always give, so that writing a record again finds the
// first one. Kind keeps the identifiers of different records apart.
func DerivedID(kind string, words ...string) string {
	return string(hashKey(append([]string{"id", kind}, words...)...))
}
