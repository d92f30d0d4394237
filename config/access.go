package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Access is what people see in the web app, and how they show who they are.
type Access struct {
	Records string `yaml:"records"` // all (default), team or own: whose records a rep sees
	Bodies  string `yaml:"bodies"`  // all (default), team or owner: who reads what was said in a mail
	TOTP    string `yaml:"totp"`    // optional (default), admins or all: who has to have a second factor
}

// Policy is the section in the words of the records.
func (a Access) Policy() crm.AccessPolicy {
	return crm.AccessPolicy{Records: crm.RecordVisibility(a.Records), Bodies: crm.BodyVisibility(a.Bodies), Second: crm.SecondFactorRule(a.TOTP)}
}

// SignIn is how people enter the web app beside their passwords.
type SignIn struct {
	OIDC *OIDC `yaml:"oidc"` // nil for none
}

// OIDC is a provider of OpenID Connect: Entra ID, Okta, Keycloak and the like.
type OIDC struct {
	Name           string   `yaml:"name"`   // on the button; "" for the issuer's host
	Issuer         string   `yaml:"issuer"` // as the provider calls itself; https://…/.well-known/openid-configuration describes it
	ClientID       string   `yaml:"client_id"`
	ClientSecret   string   `yaml:"client_secret" secret:"true"` // "" for a public client, which PKCE suffices for
	AllowedDomains []string `yaml:"allowed_domains"`             // whose addresses may enter, and become reps when they are new; empty: only users there are
	TrustEmail     bool     `yaml:"trust_email"`                 // the provider leaves email_verified out, but its addresses are the organisation's own
	CAFile         string   `yaml:"ca_file"`                     // private authority, absolute
}

func (k *checker) access(a *Access) {
	k.enum("access.records", a.Records, string(crm.RecordsAll), string(crm.RecordsTeam), string(crm.RecordsOwn))
	k.enum("access.bodies", a.Bodies, string(crm.BodiesAll), string(crm.BodiesTeam), string(crm.BodiesOwner))
	k.enum("access.totp", a.TOTP, string(crm.SecondFactorOptional), string(crm.SecondFactorAdmins), string(crm.SecondFactorAll))
}

func (k *checker) signIn(s *SignIn) {
	o := s.OIDC
	if o == nil {
		return
	}
	const base = "sign_in.oidc."
	issuer, err := url.Parse(o.Issuer)
	switch {
	case o.Issuer == "":
		k.bad(base+"issuer", "the issuer is missing", "issuer: https://login.example.co.jp")
	case err != nil || issuer.Scheme != "http" && issuer.Scheme != "https" || issuer.Hostname() == "" || issuer.User != nil || issuer.RawQuery != "" || issuer.Fragment != "":
		k.bad(base+"issuer", k.shown(base+"issuer", o.Issuer)+" is not the address of a provider", "write https://…")
	case issuer.Scheme == "http" && !onThisMachine(issuer.Hostname()):
		k.bad(base+"issuer", k.shown(base+"issuer", o.Issuer)+" is not protected: tokens are sent there", "write https://…; http is for this machine only")
	case strings.TrimSpace(o.Name) == "":
		o.Name = issuer.Hostname()
	}
	if strings.TrimSpace(o.ClientID) == "" {
		k.bad(base+"client_id", "the client id is missing", "copy it from the provider, where Tsunagu is registered as a web application")
	}
	for i, d := range o.AllowedDomains {
		path := fmt.Sprintf(base+"allowed_domains[%d]", i)
		ascii, hint := domain(d)
		switch {
		case hint != "":
			k.bad(path, k.shown(path, d)+" is not a domain", hint)
		case slices.Contains(o.AllowedDomains[:i], ascii):
			k.bad(path, k.shown(path, d)+" stands here twice", "delete one")
		}
		o.AllowedDomains[i] = ascii
	}
	if o.TrustEmail && len(o.AllowedDomains) == 0 {
		k.bad(base+"trust_email", "it is not said which addresses are believed", "write allowed_domains: [example.co.jp] as well")
	}
	if o.CAFile != "" {
		o.CAFile = k.path(base+"ca_file", o.CAFile)
	}
}
