package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// MinPassword is the shortest password that is accepted, in characters.
const MinPassword = 10

// maxPassword bounds the work that a stranger can ask for, in bytes.
const maxPassword = 1024

// ErrWeakPassword means that a password is shorter than MinPassword characters or longer than 1,024 bytes.
var ErrWeakPassword = errors.New("a password needs at least 10 characters")

// The cost is the second recommended option of RFC 9106 section 4 with 19 MiB, as OWASP's password storage
// cheat sheet gives it for argon2id.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024 // KiB
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

// HashPassword makes the argon2id hash of a password in PHC string form, for crm.User.PasswordHash.
func HashPassword(password string) (string, error) {
	if !acceptablePassword(password) {
		return "", ErrWeakPassword
	}
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails since Go 1.24
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

func acceptablePassword(password string) bool {
	return utf8.RuneCountInString(password) >= MinPassword && len(password) <= maxPassword
}

// checkPassword says whether password belongs to the PHC string. An empty or unreadable string costs as
// much work as a good one, so that time does not tell whether a user exists.
func checkPassword(phc, password string) bool {
	if len(password) > maxPassword {
		password = password[:maxPassword]
	}
	h, ok := parsePHC(phc)
	if !ok {
		h = argonHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, argonSalt), key: make([]byte, argonKey)}
	}
	got := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(got, h.key) == 1 && ok
}

type argonHash struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func parsePHC(phc string) (argonHash, bool) {
	parts := strings.Split(phc, "$")
	var h argonHash
	var version int
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return h, false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return h, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, false
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, false
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return h, false
	}
	ok := h.time >= 1 && h.time <= 10 && h.threads >= 1 && h.memory <= 1<<20 && len(h.salt) >= 8 && len(h.key) >= 16 && len(h.key) <= 64
	return h, ok
}
