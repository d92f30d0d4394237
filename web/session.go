package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sessionLifetime is how long somebody stays signed in.
const sessionLifetime = 14 * 24 * time.Hour

// Keys of what a session holds.
const (
	sessionUser    = "user"
	sessionStamp   = "stamp"
	sessionID      = "id"      // by which its owner tells it from others; it lets nobody in
	sessionBy      = "by"      // byPassword, or the provider's id
	sessionSince   = "since"   // Unix seconds
	sessionUsed    = "used"    // likewise, to within usedGrain
	sessionDevice  = "device"  // User-Agent as it came, cut off
	sessionAddress = "address" // the net that it was used from last
)

// byPassword is how somebody entered who did so with a password.
const byPassword = "password"

// usedGrain is how long a session may be used before that is written down again.
const usedGrain = 10 * time.Minute

type touchKey struct{}

// sessionBackend keeps sessions in the store. In its hashing mode the session manager hands it the SHA-256
// of the token, in unpadded URL-safe base64, so a copy of the store lets nobody in.
type sessionBackend struct{ store sessionStore }

// The session manager finds out that there are methods with a context and calls no others.
func (b sessionBackend) FindCtx(ctx context.Context, id string) ([]byte, bool, error) {
	return b.store.FindSession(ctx, id, time.Now())
}

func (b sessionBackend) CommitCtx(ctx context.Context, id string, data []byte, expiry time.Time) error {
	if ctx.Value(touchKey{}) != nil {
		return b.store.TouchSession(ctx, id, data) // one that was ended meanwhile does not begin again
	}
	return b.store.SaveSession(ctx, id, data, expiry)
}

func (b sessionBackend) DeleteCtx(ctx context.Context, id string) error {
	err := b.store.DeleteSession(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	return err
}

func (b sessionBackend) Find(id string) ([]byte, bool, error) {
	return b.FindCtx(context.Background(), id)
}

func (b sessionBackend) Commit(id string, data []byte, expiry time.Time) error {
	return b.CommitCtx(context.Background(), id, data, expiry)
}

func (b sessionBackend) Delete(id string) error { return b.DeleteCtx(context.Background(), id) }

func newSessions(store sessionStore, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionBackend{store}
	m.HashTokenInStore = true
	m.Lifetime = sessionLifetime
	m.Cookie.Name = "tsunagu"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	if secure {
		m.Cookie.Name = "__Host-tsunagu" // browsers take it only with Secure, Path=/ and no Domain
	}
	return m
}

// session is one being signed in, as its owner sees it.
type session struct {
	id, by          string
	device, address string
	since, used     time.Time
}

// identify is the second door of pages: it says who asks and by which session, or crm.ErrNotFound. A session of a user who
// was disabled, or whose password changed, is nobody's.
func (s *Server) identify(r *http.Request) (crm.User, session, error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return crm.User{}, session{}, crm.ErrNotFound
	}
	user, current, ctx, err := s.findSession(r.Context(), cookie.Value)
	if err != nil {
		return crm.User{}, session{}, err
	}
	if now := time.Now(); now.Sub(current.used) > usedGrain {
		s.touch(ctx, r, now)
	}
	return user, current, nil
}

// touch writes down that a session is used. That it cannot be is no reason to answer nothing.
func (s *Server) touch(ctx context.Context, r *http.Request, now time.Time) {
	s.sessions.Put(ctx, sessionUsed, now.Unix())
	s.sessions.Put(ctx, sessionDevice, deviceOf(r))
	s.sessions.Put(ctx, sessionAddress, s.netOf(r))
	if _, _, err := s.sessions.Commit(context.WithValue(ctx, touchKey{}, true)); err != nil && !errors.Is(err, crm.ErrNotFound) {
		s.log.Warn("write down the use of a session", "error", err)
	}
}

func (s *Server) sessionUser(ctx context.Context, token string) (crm.User, error) {
	user, _, _, err := s.findSession(ctx, token)
	return user, err
}

// findSession reads a session; the context that it gives belongs to the session manager.
func (s *Server) findSession(ctx context.Context, token string) (crm.User, session, context.Context, error) {
	ctx, err := s.sessions.Load(ctx, token)
	if err != nil {
		return crm.User{}, session{}, nil, err
	}
	email := s.sessions.GetString(ctx, sessionUser)
	if email == "" {
		return crm.User{}, session{}, nil, crm.ErrNotFound
	}
	user, err := s.store.GetUser(ctx, email)
	if err != nil {
		return crm.User{}, session{}, nil, err
	}
	if user.Disabled || s.sessions.GetString(ctx, sessionStamp) != passwordStamp(user) {
		return crm.User{}, session{}, nil, crm.ErrNotFound
	}
	return user, session{id: s.sessions.GetString(ctx, sessionID), by: s.sessions.GetString(ctx, sessionBy),
		used: time.Unix(s.sessions.GetInt64(ctx, sessionUsed), 0)}, ctx, nil
}

// signIn starts a new session; whatever session the browser had is ended.
// By is byPassword or the provider's id.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, user crm.User, by string) error {
	if err := s.signOut(w, r); err != nil {
		return err
	}
	ctx, err := s.sessions.Load(r.Context(), "")
	if err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, user.Email)
	s.sessions.Put(ctx, sessionStamp, passwordStamp(user))
	now := time.Now().Unix()
	for key, value := range map[string]any{sessionID: crm.NewID(), sessionBy: by, sessionSince: now, sessionUsed: now,
		sessionDevice: deviceOf(r), sessionAddress: s.netOf(r)} {
		s.sessions.Put(ctx, key, value)
	}
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	s.sessions.WriteSessionCookie(ctx, w, token, expiry)
	return nil
}

// signOut ends the browser's session, if it has one, and the event streams that hang on it.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if errors.Is(err, http.ErrNoCookie) {
		return nil
	} else if err != nil {
		return err
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return err
	}
	if err := s.sessions.Destroy(ctx); err != nil {
		return err
	}
	s.sessions.WriteSessionCookie(ctx, w, "", time.Time{})
	s.live.recheck()
	return nil
}

// passwordStamp changes when the user's password does; it says nothing about it.
func passwordStamp(u crm.User) string {
	sum := sha256.Sum256([]byte("session\x00" + u.PasswordHash))
	return hex.EncodeToString(sum[:8])
}

func normalizeEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
