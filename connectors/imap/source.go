package imap

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// The optional things an IMAP source can do.
var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Waiter = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
)

// source reads one mailbox. Everything it remembers beside its connection only saves work: the cursor alone
// says what was read.
type source struct {
	settings Settings
	env      connectors.Env
	now      func() time.Time
	dial     func(context.Context) (net.Conn, string, error)
	stall    time.Duration // 0 for stallLimit

	idling  atomic.Bool // Wait has nothing to do but to listen
	sess    *session
	last    looked
	keeper  *oauth.Keeper       // nil until a token is wanted
	seen    map[string]snapshot // how a folder stood when it was last read to its end
	history map[string]listing  // what is to be read of a folder's history
	noted   map[string]bool     // what was said once already
}

// Close signs out.
func (s *source) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if s.keeper != nil {
		s.keeper.Settle(ctx) // the next source of this mailbox has to find the token that counts
	}
	if s.sess == nil {
		return nil
	}
	sess := s.sess
	release := sess.guard(ctx)
	_ = sess.client.Logout().Wait() // the server may be gone already
	release()
	s.drop()
	return nil
}

// drafts says whether a folder holds mail that was never sent.
func (s *source) drafts(name string) bool {
	return s.sess != nil && s.settings.choose(s.sess.folders).drafts[name]
}
