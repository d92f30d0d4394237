package imap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// errNoMechanism means that the settings and the server share no way to sign in.
var errNoMechanism = errors.New("server offers no way to sign in that the settings allow")

// mechanism picks how to sign in.
func (s *Settings) mechanism(caps imap.CapSet) (string, error) {
	if s.Auth != authAuto {
		return s.Auth, nil
	}
	offers := func(name string) bool { return caps.Has(imap.AuthCap(name)) }
	if s.OAuth != nil {
		switch {
		case offers("OAUTHBEARER"):
			return authOAuthBearer, nil
		case offers("XOAUTH2"):
			return authXOAuth2, nil
		}
	}
	switch {
	case s.Password == "":
	case offers("PLAIN"):
		return authPlain, nil
	case !caps.Has(imap.CapLoginDisabled):
		return authLogin, nil
	}
	return "", errNoMechanism
}

// signIn signs in on a new connection and says how.
func (s *source) signIn(ctx context.Context, client *imapclient.Client) (string, error) {
	caps := client.Caps()
	if caps == nil {
		return "", lost{errors.New("server did not tell its capabilities")}
	}
	how, err := s.settings.mechanism(caps)
	if err != nil {
		return "", err
	}
	switch how {
	case authLogin:
		return how, client.Login(s.settings.Username, s.settings.Password).Wait()
	case authPlain:
		return how, client.Authenticate(sasl.NewPlainClient("", s.settings.Username, s.settings.Password))
	}
	token, err := s.accessToken(ctx)
	if err != nil {
		return "", err
	}
	err = client.Authenticate(s.settings.bearer(how, token))
	if err != nil {
		s.keeper.Refused(token)
	}
	return how, err
}

// bearer is the SASL side of the two token mechanisms.
func (s *Settings) bearer(how, token string) sasl.Client {
	if how == authXOAuth2 {
		return &xoauth2{username: s.Username, token: token}
	}
	host, port, _ := net.SplitHostPort(s.Addr)
	n, _ := strconv.Atoi(port)
	return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: s.Username, Token: token, Host: host, Port: n})
}

// xoauth2 is Google's and Microsoft's mechanism
// (https://developers.google.com/gmail/imap/xoauth2-protocol).
type xoauth2 struct{ username, token string }

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.username + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the challenge with which a server explains a refusal; the refusal itself follows.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{1}, nil }

// signInFault classifies a failed sign-in.
func (s *Settings) signInFault(err error) error {
	const op = "sign in"
	var known *connectors.Fault
	if errors.As(err, &known) {
		return err
	}
	var refused *imap.Error
	var bearer *sasl.OAuthBearerError
	switch {
	case errors.Is(err, errNoMechanism):
		return &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: err,
			Hint: "the server may want tls: starttls first, or an oauth block for auth: xoauth2"}
	case errors.As(err, &bearer):
		return &connectors.Fault{Kind: connectors.AuthExpired, Op: op, Err: err, Hint: "sign the mailbox in again; the server refused the token"}
	case errors.As(err, &refused) && refused.Type == imap.StatusResponseTypeNo:
		if f := busyFault(op, refused); f != nil {
			return f
		}
		return &connectors.Fault{Kind: connectors.AuthExpired, Op: op, Err: err, Hint: s.signInHint()}
	case errors.As(err, &refused):
		return &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: err,
			Hint: fmt.Sprintf("the server does not accept auth: %s; try auto", s.Auth)}
	}
	return networkFault(op, s.Addr, err)
}

// signInHint says what usually helps against a refused password.
func (s *Settings) signInHint() string {
	if s.OAuth != nil && s.Auth != authPlain && s.Auth != authLogin {
		return "sign the mailbox in again, and see that IMAP is switched on for " + s.Username
	}
	return "check username and password; Gmail, Yahoo, iCloud and accounts with two-step sign-in want an app password made for this purpose"
}
