package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	flowLifetime  = 10 * time.Minute // from leaving for the provider to coming back
	maxFlowCookie = 4000             // bytes; browsers drop what is longer than 4,096 with its name
)

// flow is a sign-in under way, as the browser keeps it.
type flow struct {
	Provider string    `json:"p"`
	User     string    `json:"u,omitempty"` // who was signed in to the web app when it began; "" for nobody
	Until    time.Time `json:"t"`
	Data     []byte    `json:"d"` // of SignIns.Begin
}

// flows binds sign-ins to the browsers that began them. The cookie holds the flow, sealed with a key that lives
// as long as the process: it cannot be read, changed, or made by anybody else. One that came back is used up.
type flows struct {
	seal   cipher.AEAD
	cookie http.Cookie
	mu     sync.Mutex
	used   map[[sha256.Size]byte]time.Time // until when it would have been good
}

func newFlows(secure bool) (*flows, error) {
	key := make([]byte, 32)
	rand.Read(key) // never fails since Go 1.24
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make key of sign-ins: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make key of sign-ins: %w", err)
	}
	// Lax, since the browser comes back from another site by following a link.
	cookie := http.Cookie{Name: "tsunagu_flow", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure} //nolint:gosec // without TLS there is no cookie that asks for it
	if secure {
		cookie.Name = "__Host-tsunagu_flow"
	}
	return &flows{seal: seal, cookie: cookie, used: map[[sha256.Size]byte]time.Time{}}, nil
}

// keep gives the browser a flow that has just begun.
func (f *flows) keep(w http.ResponseWriter, fl flow, now time.Time) error {
	fl.Until = now.Add(flowLifetime)
	raw, err := json.Marshal(fl)
	if err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	c := f.cookie                                                                   //nolint:gosec // newFlows says how it is sent
	c.Value = base64.RawURLEncoding.EncodeToString(f.seal.Seal(nil, nil, raw, nil)) //nolint:gosec // it draws its own nonce
	c.MaxAge = int(flowLifetime / time.Second)
	if len(c.Value) > maxFlowCookie {
		return errors.New("keep sign-in: it is too large for a cookie")
	}
	http.SetCookie(w, &c)
	return nil
}

// take gives back the flow that the browser began with a provider, and takes it away from the browser. ErrFlow if
// there is none, if it is another provider's, too old, or was taken before.
func (f *flows) take(w http.ResponseWriter, r *http.Request, provider string, now time.Time) (flow, error) {
	c, err := r.Cookie(f.cookie.Name)
	if err != nil {
		return flow{}, ErrFlow
	}
	gone := f.cookie //nolint:gosec // newFlows says how it is sent
	gone.MaxAge = -1
	http.SetCookie(w, &gone)
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
	if err != nil {
		return flow{}, ErrFlow
	}
	raw, err := f.seal.Open(nil, nil, sealed, nil)
	if err != nil {
		return flow{}, ErrFlow
	}
	var fl flow
	if err := json.Unmarshal(raw, &fl); err != nil || fl.Provider != provider || !now.Before(fl.Until) {
		return flow{}, ErrFlow
	}
	return fl, f.spend(sha256.Sum256(sealed), fl.Until, now)
}

// spend remembers a flow as used for as long as it would have been good.
func (f *flows) spend(sum [sha256.Size]byte, until, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for old, end := range f.used {
		if !now.Before(end) {
			delete(f.used, old)
		}
	}
	if _, used := f.used[sum]; used {
		return ErrFlow
	}
	f.used[sum] = until
	return nil
}

// settledName is the cookie of a browser from which an account was connected: the sign-in page need not offer it again.
const settledName = "tsunagu_settled"

func (f *flows) settle(w http.ResponseWriter) {
	c := f.cookie //nolint:gosec // newFlows says how it is sent
	c.Name, c.Value, c.MaxAge = settledName, "1", int(365*24*time.Hour/time.Second)
	http.SetCookie(w, &c)
}

func settled(r *http.Request) bool {
	_, err := r.Cookie(settledName)
	return err == nil
}
