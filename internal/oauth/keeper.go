package oauth

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Grant is what was granted for an account, as it is stored. It prints as nothing.
type Grant struct {
	Refresh string
	Scopes  []string // nil if unknown
}

// String keeps the token out of messages.
func (Grant) String() string { return "(grant)" }

// GoString keeps the token out of %#v.
func (Grant) GoString() string { return "(grant)" }

// KeeperConfig is what a Keeper works with.
type KeeperConfig struct {
	// Load gives the newest grant that was stored. A Refresh of "" means that nobody signed in.
	Load func(ctx context.Context) (Grant, error)
	// Save stores a grant durably. Old is the refresh token that it takes the place of, so that one that somebody
	// stored meanwhile by signing in again stays.
	Save func(ctx context.Context, old string, g Grant) error
	// Renew asks the provider for a fresh token.
	Renew func(ctx context.Context, g Grant) (Token, error)
	Now   func() time.Time // nil for time.Now
}

// Keeper keeps the access token of one account fresh. It is safe for concurrent use, and all that act for the account
// must share it: a provider that rotates refresh tokens takes the use of an old one for theft.
type Keeper struct {
	cfg KeeperConfig

	mu      sync.Mutex
	token   Token
	dead    string   // a refresh token that the provider accepts no longer
	why     error    // what it said
	pending *pending // was given, and could not be stored yet
	call    *refreshing
	turn    int       // counts the grants: an answer to an older one is not kept
	wait    time.Time // the provider asks to be left alone until then
	waitErr error
}

// pending is a grant that waits for being stored.
type pending struct {
	old   string
	grant Grant
}

// refreshing is a refresh under way.
type refreshing struct {
	done  chan struct{}
	token Token
	err   error
}

// NewKeeper makes a Keeper. It does nothing before the first Token.
func NewKeeper(cfg KeeperConfig) *Keeper {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Keeper{cfg: cfg}
}

// String keeps tokens out of messages.
func (k *Keeper) String() string { return "(keeper)" }

// GoString keeps tokens out of %#v.
func (k *Keeper) GoString() string { return "(keeper)" }

// early is how long before its end a token is refreshed, so that it does not end on its way.
const early = time.Minute

// Token gives an access token that is good for a while. ErrSignInAgain if there is no grant or the provider accepts it
// no longer: it is not asked again until another one was stored.
func (k *Keeper) Token(ctx context.Context) (string, error) {
	k.mu.Lock()
	if k.fresh() {
		defer k.mu.Unlock()
		return k.token.Access, nil
	}
	c := k.call
	if c == nil {
		c = &refreshing{done: make(chan struct{})}
		k.call = c
		go k.run(context.WithoutCancel(ctx), c)
	}
	k.mu.Unlock()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-c.done:
		return c.token.Access, c.err
	}
}

// fresh says whether the token can be used. Callers hold mu.
func (k *Keeper) fresh() bool {
	return k.token.Access != "" && (k.token.Expiry.IsZero() || k.cfg.Now().Add(early).Before(k.token.Expiry))
}

// run refreshes, whoever still waits for it: an answer with a rotated token must not be lost.
func (k *Keeper) run(ctx context.Context, c *refreshing) {
	ctx, cancel := context.WithTimeout(ctx, 2*callLimit)
	defer cancel()
	k.mu.Lock()
	turn := k.turn
	k.mu.Unlock()
	c.token, c.err = k.refresh(ctx)
	k.mu.Lock()
	if c.err == nil && k.turn == turn {
		k.token = c.token
	}
	k.call = nil
	k.mu.Unlock()
	close(c.done)
}

func (k *Keeper) refresh(ctx context.Context) (Token, error) {
	k.mu.Lock()
	unsaved, dead, why, wait, waitErr := k.pending, k.dead, k.why, k.wait, k.waitErr
	k.mu.Unlock()
	if k.cfg.Now().Before(wait) {
		return Token{}, waitErr
	}
	grant, err := k.cfg.Load(ctx)
	if err != nil {
		return Token{}, err
	}
	if unsaved != nil && grant.Refresh == unsaved.old {
		if err := k.store(ctx, unsaved.old, unsaved.grant); err != nil {
			return Token{}, err
		}
		grant = unsaved.grant
	}
	if dead != "" && grant.Refresh == dead {
		return Token{}, why
	}
	t, err := k.renew(ctx, grant)
	if err != nil {
		k.remember(grant, err)
		return Token{}, err
	}
	if t.Refresh != "" && t.Refresh != grant.Refresh {
		next := Grant{Refresh: t.Refresh, Scopes: grant.Scopes}
		if err := k.store(ctx, grant.Refresh, next); err != nil {
			return Token{}, err
		}
	}
	return t, nil
}

// store stores a rotated token. What cannot be stored is kept for the next try.
func (k *Keeper) store(ctx context.Context, old string, g Grant) error {
	err := k.cfg.Save(ctx, old, g)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.pending = &pending{old, g}
		return &Error{Op: "store token", Kind: ErrNotStored, Err: err}
	}
	k.pending = nil
	return nil
}

// remember what makes asking again useless for now.
func (k *Keeper) remember(g Grant, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var said *Error
	switch {
	case errors.Is(err, ErrSignInAgain) && g.Refresh != "":
		k.dead, k.why = g.Refresh, err
	case errors.As(err, &said) && said.After > 0:
		k.wait, k.waitErr = k.cfg.Now().Add(said.After), err
	}
}

// renew asks the provider, up to three times if it does not answer properly.
func (k *Keeper) renew(ctx context.Context, g Grant) (Token, error) {
	pause := 300 * time.Millisecond
	for try := 1; ; try++ {
		t, err := k.cfg.Renew(ctx, g)
		var said *Error
		if err == nil || try == 3 || !errors.Is(err, ErrUnavailable) || errors.As(err, &said) && said.After > 0 {
			return t, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return t, err
		case <-timer.C:
		}
		pause *= 3
	}
}

// Settle waits until no refresh is under way, or ctx ends. It comes before whatever Save needs is closed: a token that
// the provider has rotated, and nobody could store, is lost.
func (k *Keeper) Settle(ctx context.Context) {
	k.mu.Lock()
	c := k.call
	k.mu.Unlock()
	if c == nil {
		return
	}
	select {
	case <-ctx.Done():
	case <-c.done:
	}
}

// Refused says that the provider did not accept an access token: it is not handed out again.
func (k *Keeper) Refused(access string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token.Access == access {
		k.token = Token{}
	}
}

// Renewed says that somebody signed in again, or that the application is another one: what is remembered of the old
// grant counts no more. A rotated token that could not be stored yet still takes the place of the one it was given
// for, and of no other. Token may be empty.
func (k *Keeper) Renewed(t Token) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.turn++
	k.token, k.dead, k.why, k.wait, k.waitErr = t, "", nil, time.Time{}, nil
}
