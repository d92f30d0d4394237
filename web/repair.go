package web

import (
	"context"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// wayIn is how a source whose sign-in has expired is signed in again.
type wayIn int

const (
	wayUnknown  wayIn = iota // by whoever granted the account
	wayPassword              // its password is entered on its page
	wayDoor                  // with a provider
	wayToken                 // on the command line, or with a new token in the configuration
	wayFile                  // its password stands in the configuration
)

// allConnections are everybody's connections; none where nobody signs in with a provider.
func (s *Server) allConnections(ctx context.Context) ([]Connection, error) {
	if s.cfg.SignIns == nil {
		return nil, nil
	}
	return s.cfg.SignIns.Connections(ctx, "")
}

// wayInto says how a source is signed in again, given all connections.
func (s *Server) wayInto(src *crm.Source, choice *SourceChoice, list []Connection) wayIn {
	if choice.Password {
		return wayPassword
	}
	if _, _, ok := s.doorOf(*src, list); ok {
		return wayDoor
	}
	switch {
	case choice.Tokens:
		return wayToken
	case s.cfg.Mailboxes == nil && (src.Kind == MailboxIMAP || src.Kind == MailboxCalDAV):
		return wayFile
	}
	return wayUnknown
}

// offerSignIn says whether whoever looks can sign a source in again with a provider, and words its trouble after what mends it.
func (s *Server) offerSignIn(r *request, v *sourceView, list []Connection) {
	if v.State != crm.SourceAuthExpired || v.Paused {
		return
	}
	switch s.wayInto(&v.Source, &v.Choice, list) {
	case wayDoor:
		v.SignIn = v.Owner == r.user.Email || admin.allows(r.user.Role)
		v.Trouble = r.say.text("trouble.signin_again")
	case wayToken:
		v.StateLabel, v.StateText = r.say.text("state.signin_file"), r.say.text("state_text.signin_token")
		v.Trouble = r.say.text("trouble.signin_token", "id", v.ID)
	case wayFile:
		v.StateLabel, v.StateText, v.Trouble = r.say.text("state.signin_file"), r.say.text("state_text.signin_file"), r.say.text("trouble.signin_file")
	}
}
