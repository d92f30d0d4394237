package imap

import (
	"fmt"
	"regexp"

	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// The providers whose endpoints and scopes need not be written.
const (
	providerGoogle    = "google"
	providerMicrosoft = "microsoft"
)

var tenant = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$`)

// complete fills in what the provider says: where it answers and which scopes allow to read mail over IMAP
// (https://developers.google.com/gmail/imap/xoauth2-protocol,
// https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth).
func (o OAuth) complete() OAuth {
	var e oauth.Endpoints
	var scopes []string
	switch o.Provider {
	case providerGoogle:
		e, scopes = oauth.Google(), []string{"https://mail.google.com/"}
	case providerMicrosoft:
		organization := o.Tenant
		if organization == "" {
			organization = "organizations"
		}
		e, scopes = oauth.Microsoft(organization), []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"}
	}
	for _, f := range []struct {
		set   *string
		usual string
	}{{&o.AuthURL, e.Auth}, {&o.TokenURL, e.Token}, {&o.DeviceURL, e.Device}} {
		if *f.set == "" {
			*f.set = f.usual
		}
	}
	if o.Scopes == nil {
		o.Scopes = scopes
	}
	return o
}

// oauth checks the block.
func (c *checker) oauth(o *OAuth) {
	if o.Provider != "" {
		c.oneOf("oauth.provider", o.Provider, providerGoogle, providerMicrosoft)
	}
	if o.Tenant != "" && !tenant.MatchString(o.Tenant) {
		c.add("oauth.tenant", fmt.Sprintf("%q is no tenant", o.Tenant), "write its id or domain, organizations or common")
	}
	for _, f := range []struct {
		path, value, what string
		needed            bool
	}{
		{"oauth.token_url", o.TokenURL, "token", o.Provider == ""}, {"oauth.auth_url", o.AuthURL, "authorization", false}, {"oauth.device_url", o.DeviceURL, "device authorization", false},
	} {
		if f.value == "" && !f.needed {
			continue
		}
		if oauth.CheckURL(f.value) != nil {
			c.add(f.path, fmt.Sprintf("%q is not an https address", f.value), "copy the "+f.what+" endpoint from the provider's documentation, or write provider: microsoft")
		}
	}
	if o.ClientID == "" {
		c.add("oauth.client_id", "the client id is missing", "copy it from where the application is registered at the provider")
	}
}
