package fakegoogle

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
)

var errJWT = errors.New("malformed JWT")

// keyring makes the signing key when it is first needed.
type keyring struct {
	once sync.Once
	key  *rsa.PrivateKey
	err  error
}

const signingKeyID = "c7f3a1e5d2b94086"

func (k *keyring) get() (*rsa.PrivateKey, error) {
	k.once.Do(func() { k.key, k.err = rsa.GenerateKey(rand.Reader, 2048) })
	if k.err != nil {
		return nil, fmt.Errorf("generate signing key: %w", k.err)
	}
	return k.key, nil
}

// jwk is an RSA public key in the form of RFC 7517.
type jwk struct {
	Kty string `json:"kty"`
	Alg string `json:"alg"`
	Use string `json:"use"`
	Kid string `json:"kid"`
	N   string `json:"n"`
	E   string `json:"e"`
}

func publicJWK(key *rsa.PublicKey) jwk {
	enc := base64.RawURLEncoding
	return jwk{
		Kty: "RSA", Alg: "RS256", Use: "sig", Kid: signingKeyID,
		N: enc.EncodeToString(key.N.Bytes()), E: enc.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

// signJWT signs claims with RS256.
func signJWT(key *rsa.PrivateKey, kid string, claims any) (string, error) {
	head, err := json.Marshal(map[string]string{"alg": "RS256", "kid": kid, "typ": "JWT"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	text := enc.EncodeToString(head) + "." + enc.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return text + "." + enc.EncodeToString(sig), nil
}

// parseJWT reads a JWT's claims; verify checks its signature afterwards.
func parseJWT(token string, claims any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errJWT
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return errJWT
	}
	if json.Unmarshal(body, claims) != nil {
		return errJWT
	}
	return nil
}

func verifyJWT(token string, key *rsa.PublicKey) bool {
	text, sig, ok := cutLast(token, ".")
	if !ok {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) == nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// hash64 is FNV-1a over the words, mixed.
func hash64(words ...string) uint64 {
	x := uint64(14695981039346656037)
	for _, w := range words {
		for i := range len(w) {
			x = (x ^ uint64(w[i])) * 1099511628211
		}
		x *= 1099511628211
	}
	// FNV leaves neighbours close together; two rounds of mixing spread them.
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
