// Package totp is the second factor that authenticator apps make: time-based one-time passwords of RFC 6238 over HMAC-SHA-1,
// of 6 digits and steps of 30 seconds, which all apps know, and codes for the day on which the app is lost.
//
// A code is good in its own step and in the one before and after, since clocks differ. Whoever checks codes remembers the
// step of the last good one and takes no code of that step or an earlier one again, so that a code that somebody read over
// a shoulder is worth nothing (RFC 6238 section 5.2).
package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238's usual hash, as HMAC
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
)

const (
	digits     = 6
	modulus    = 1_000_000
	period     = 30 // seconds
	skew       = 1  // steps before and after
	secretSize = 20 // bytes, as RFC 4226 section 4 recommends
)

// RecoveryCodes is how many codes NewRecovery makes.
const RecoveryCodes = 10

// Factor is somebody's second factor. It is stored sealed, as JSON; the zero Factor is none.
type Factor struct {
	Secret   []byte   `json:"secret"`             //
	Step     int64    `json:"step"`               // of the last code that was taken; 0 for none
	Recovery [][]byte `json:"recovery,omitempty"` // SHA-256 of the recovery codes that are left
}

// NewSecret makes a secret of 160 random bits.
func NewSecret() []byte {
	secret := make([]byte, secretSize)
	rand.Read(secret) // never fails since Go 1.24
	return secret
}

// Text is a secret as it is typed into an app: base32 without padding.
func Text(secret []byte) string { return encoding().EncodeToString(secret) }

func encoding() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

// URL is the address by which apps take a secret over, usually from a QR code
// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
func URL(secret []byte, issuer, account string) string {
	issuer = strings.ReplaceAll(issuer, ":", " ") // it parts issuer and account
	q := url.Values{"secret": {Text(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {fmt.Sprint(digits)}, "period": {fmt.Sprint(period)}}
	// Apps want %20, not +.
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(account) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// Code is the code of a secret at a time.
func Code(secret []byte, at time.Time) string { return code(secret, at.Unix()/period, modulus) }

// code is RFC 4226's HOTP of a counter.
func code(secret []byte, step int64, mod uint32) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, secret)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	value := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff % mod
	width := len(fmt.Sprint(mod)) - 1
	return fmt.Sprintf("%0*d", width, value)
}

// Take checks what somebody typed: a code of the app, or a recovery code. One that is good is used up in f.
func (f *Factor) Take(typed string, now time.Time) bool {
	typed = tidy(typed)
	if len(f.Secret) == 0 {
		return false
	}
	if len(typed) == digits {
		return f.takeCode(typed, now.Unix()/period)
	}
	return f.takeRecovery(typed)
}

// takeCode compares all steps, so that time does not tell which one it was.
func (f *Factor) takeCode(typed string, now int64) bool {
	good := int64(-1)
	for step := now - skew; step <= now+skew; step++ {
		if subtle.ConstantTimeCompare([]byte(code(f.Secret, step, modulus)), []byte(typed)) == 1 && step > f.Step {
			good = step
		}
	}
	if good < 0 {
		return false
	}
	f.Step = good
	return true
}

func (f *Factor) takeRecovery(typed string) bool {
	sum := sha256.Sum256([]byte(typed))
	for i, known := range f.Recovery {
		if subtle.ConstantTimeCompare(known, sum[:]) == 1 {
			f.Recovery = append(append([][]byte{}, f.Recovery[:i]...), f.Recovery[i+1:]...)
			return true
		}
	}
	return false
}

// NewRecovery replaces the recovery codes and gives them as people read them: 80 random bits each, in groups of four.
func (f *Factor) NewRecovery() []string {
	f.Recovery = nil
	shown := make([]string, 0, RecoveryCodes)
	for range RecoveryCodes {
		c := strings.ToLower(rand.Text()[:16])
		sum := sha256.Sum256([]byte(c)) // random, so no salt is needed
		f.Recovery = append(f.Recovery, sum[:])
		shown = append(shown, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
	}
	return shown
}

// tidy takes out of what was typed what people and apps put between digits, and makes full-width digits plain.
func tidy(typed string) string {
	if len(typed) > 200 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case unicode.IsSpace(r) || r == '-' || r == '‐' || r == 'ー' || r == '－':
			return -1
		}
		return unicode.ToLower(r)
	}, typed)
}

// Secret reads what Text wrote, also in groups and small letters.
func Secret(text string) ([]byte, error) {
	secret, err := encoding().DecodeString(strings.ToUpper(strings.Join(strings.Fields(text), "")))
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return secret, nil
}
