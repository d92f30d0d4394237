package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers by which a program signs what it posts.
const (
	headerSignature = "X-Tsunagu-Signature" // "sha256=" and the HMAC-SHA256 in hexadecimal
	headerTimestamp = "X-Tsunagu-Timestamp" // seconds since 1970, in decimal
)

// signatureWindow is how far the timestamp may be from now.
const signatureWindow = 5 * time.Minute

// signed says whether a body is signed: HMAC-SHA256 with the form's secret over the timestamp, a full stop and
// the body as it was sent. Without a secret nothing needs to be.
func signed(h http.Header, secret string, body []byte, now time.Time) bool {
	if secret == "" {
		return true
	}
	stamp := h.Get(headerTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > signatureWindow {
		return false
	}
	sum, ok := strings.CutPrefix(h.Get(headerSignature), "sha256=")
	if !ok {
		return false
	}
	got, err := hex.DecodeString(sum)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

// newToken says when a form was made, so that only we can say it: seconds since 1970 in base 36, a full stop,
// and half an HMAC-SHA256 over them and the form.
func newToken(key []byte, form string, at time.Time) string {
	stamp := strconv.FormatInt(at.Unix(), 36)
	return stamp + "." + tokenMAC(key, form, stamp)
}

// tokenTime is when a form was made; false if the token is not ours, or of the future.
func tokenTime(key []byte, form, token string) (time.Time, bool) {
	stamp, mac, _ := strings.Cut(token, ".")
	seconds, err := strconv.ParseInt(stamp, 36, 64)
	if err != nil || !hmac.Equal([]byte(mac), []byte(tokenMAC(key, form, stamp))) {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

func tokenMAC(key []byte, form, stamp string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("form token\x00" + form + "\x00" + stamp))
	return hex.EncodeToString(mac.Sum(nil)[:sha256.Size/2])
}
