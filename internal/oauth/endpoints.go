package oauth

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Endpoints are where a provider answers. Addresses that are empty are looked up at the Issuer when they are first
// needed (OpenID Connect Discovery 1.0).
type Endpoints struct{ Issuer, Auth, Token, Revoke, Device, JWKS string }

// Google gives Google's endpoints (https://accounts.google.com/.well-known/openid-configuration).
func Google() Endpoints {
	return Endpoints{ //nolint:gosec // addresses, no credentials
		Issuer: "https://accounts.google.com",
		Auth:   "https://accounts.google.com/o/oauth2/v2/auth",
		Token:  "https://oauth2.googleapis.com/token",
		Revoke: "https://oauth2.googleapis.com/revoke",
		Device: "https://oauth2.googleapis.com/device/code",
		JWKS:   "https://www.googleapis.com/oauth2/v3/certs",
	}
}

// Microsoft gives the endpoints of a tenant: its id or domain, "organizations" or "common"
// (https://learn.microsoft.com/entra/identity-platform/v2-protocols). There is none to revoke a token.
func Microsoft(tenant string) Endpoints {
	base := "https://login.microsoftonline.com/" + url.PathEscape(tenant)
	return Endpoints{
		Issuer: base + "/v2.0",
		Auth:   base + "/oauth2/v2.0/authorize",
		Token:  base + "/oauth2/v2.0/token",
		Device: base + "/oauth2/v2.0/devicecode",
		JWKS:   base + "/discovery/v2.0/keys",
	}
}

// With puts settings in place of a provider's own endpoints. With another issuer the vendor's other addresses mean
// nothing: they are those of the settings, or looked up.
func (e Endpoints) With(settings Endpoints) Endpoints {
	if settings.Issuer != "" && settings.Issuer != e.Issuer {
		return settings
	}
	for _, f := range []struct {
		own *string
		set string
	}{{&e.Auth, settings.Auth}, {&e.Token, settings.Token}, {&e.Revoke, settings.Revoke}, {&e.Device, settings.Device}, {&e.JWKS, settings.JWKS}} {
		if f.set != "" {
			*f.own = f.set
		}
	}
	return e
}

// CheckURL refuses an address to which no token may be sent: tokens go over TLS, except on this machine.
func CheckURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%q is not the address of a service", s)
	case u.Scheme == "https" || u.Scheme == "http" && Loopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%q is not an https address", s)
}

// Loopback says whether a host is this machine.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// origin is scheme, host and port of an address, as they are compared.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
