// Package secret seals what must not be readable on disk or in a back-up: tokens and passwords that were
// obtained rather than configured. It also derives the keys that other rooms need, such as the one under
// which the store hashes the addresses of unmatched mail.
//
// Everything hangs on one key file of mode 0600, made by `tsunagu init`. It holds a Tink keyset in clear
// (XChaCha20-Poly1305) and, sealed under that keyset, a random root from which other keys are derived with
// HKDF (RFC 5869). Rotating adds a key to the keyset and makes it the one to seal with; the older ones stay,
// so that nothing sealed before becomes unreadable, and the root stays the same, so that derived keys never
// change. Each sealed record is bound to its name as associated data: a record that was moved to another
// name does not open.
package secret

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Errors of this package; compare with errors.Is.
var (
	ErrExposed = errors.New("other users of this machine can read the key file") // mode is not 0600 or stricter
	ErrInvalid = errors.New("this is not a Tsunagu key file, or it is damaged")
	ErrUnseal  = errors.New("the record cannot be opened with this key file") // another key, another name, or changed bytes
)

// Box seals and opens records. It is safe for concurrent use and prints as nothing.
type Box struct {
	handle *keyset.Handle
	aead   tink.AEAD
	root   []byte
}

func newBox(handle *keyset.Handle, root []byte) (*Box, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use keyset: %w", err)
	}
	return &Box{handle: handle, aead: primitive, root: root}, nil
}

// Seal encrypts plain under the newest key. Name is what the record is stored as; Unseal needs the same.
func (b *Box) Seal(name string, plain []byte) ([]byte, error) {
	sealed, err := b.aead.Encrypt(plain, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", name, err)
	}
	return sealed, nil
}

// Unseal decrypts what Seal made for the same name, under any key of the key file. ErrUnseal otherwise.
func (b *Box) Unseal(name string, sealed []byte) ([]byte, error) {
	plain, err := b.aead.Decrypt(sealed, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, ErrUnseal)
	}
	return plain, nil
}

// Current says whether a record was sealed with the newest key, that is, needs no sealing anew.
func (b *Box) Current(sealed []byte) bool {
	const prefix = 5 // Tink: one byte of version, four bytes of key id
	if len(sealed) < prefix {
		return false
	}
	primary, err := b.handle.Primary()
	return err == nil && binary.BigEndian.Uint32(sealed[1:prefix]) == primary.KeyID()
}

// Derive gives the 32-byte key for a purpose. It is always the same for a key file, also after Rotate.
func (b *Box) Derive(purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, b.root, nil, "tsunagu "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive key for %s: %w", purpose, err)
	}
	return key, nil
}

// String keeps keys out of logs.
func (b *Box) String() string { return "(secret)" }

// GoString keeps keys out of %#v.
func (b *Box) GoString() string { return "(secret)" }

// LogValue keeps keys out of structured logs.
func (b *Box) LogValue() slog.Value { return slog.StringValue("(secret)") }
