package fakegoogle

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// seal is a short print of the question a page token belongs to. Asking another question with it is an error.
func seal(parts ...string) string {
	return strconv.FormatUint(hash64(parts...)&0xffffffff, 36)
}

// sealToken hides a position in an opaque token.
func sealToken(position, question string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(question + "|" + position))
}

// openToken returns the position of a token made for the same question.
func openToken(token, question string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	q, position, ok := strings.Cut(string(raw), "|")
	return position, ok && q == question
}
