package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var clientID = regexp.MustCompile(`^[\x21-\x7e]{4,200}$`)

func (k *checker) google(c *Config) {
	g := c.Google
	if g == nil {
		return
	}
	k.googleClient(g)
	if len(g.Services) == 0 {
		k.bad("google.services", "no service is named", "write services: [mail, calendar], or delete the line")
	}
	for _, service := range GoogleServices() {
		if path := "google." + service + ".account"; find(k.root, path) != nil {
			k.bad(path, "an account is named where the settings of all accounts stand", "delete it: each account that is signed in gets these settings")
		}
	}
	said := map[string]bool{}
	for i, s := range g.Services {
		path := fmt.Sprintf("google.services[%d]", i)
		k.enum(path, s, GoogleServices()...)
		if said[s] {
			k.bad(path, k.shown(path, s)+" stands here twice", "delete one")
		}
		said[s] = true
	}
	for i, d := range g.Domains {
		path := fmt.Sprintf("google.domains[%d]", i)
		ascii, hint := domain(d)
		if hint != "" {
			k.bad(path, k.shown(path, d)+" is not a domain", hint)
		}
		g.Domains[i] = ascii
	}
	for i, s := range g.Scopes {
		path := fmt.Sprintf("google.scopes[%d]", i)
		if !strings.HasPrefix(s, "https://") || strings.ContainsAny(s, " \t") {
			k.bad(path, k.shown(path, s)+" is no scope of Google", "write https://www.googleapis.com/auth/…")
		} else if changing(s) {
			k.bad(path, k.shown(path, s)+" lets the application change things", "Tsunagu only reads: write the scope that ends in .readonly, or delete it")
		}
	}
	k.policy("google.new_people", g.NewPeople)
	k.delegation(g)
	k.googleQuota(&g.Quota)
	k.endpoints("google.endpoints", g.Endpoints.named())
	if g.CAFile != "" {
		g.CAFile = k.path("google.ca_file", g.CAFile)
	}
	for i := range c.Sources {
		if path := fmt.Sprintf("sources[%d].id", i); accountSource.MatchString(c.Sources[i].ID) {
			k.bad(path, k.shown(path, c.Sources[i].ID)+" is an id that the source of a Google account may get", "choose another one")
		}
	}
}

// changing says that a scope permits more than reading. Those of services that nobody here knows are taken as they are.
func changing(scope string) bool {
	name, ok := strings.CutPrefix(strings.TrimSuffix(scope, "/"), "https://www.googleapis.com/auth/")
	if !ok {
		return slices.Contains([]string{"https://mail.google.com", "https://www.google.com/calendar/feeds", "https://www.google.com/m8/feeds", "https://docs.google.com/feeds"},
			strings.TrimSuffix(scope, "/"))
	}
	reads := strings.HasSuffix(name, ".readonly") || name == "gmail.metadata" || name == "calendar.freebusy"
	service, _, _ := strings.Cut(name, ".")
	return !reads && slices.Contains([]string{"gmail", "calendar", "forms", "drive", "admin", "contacts", "tasks", "documents", "spreadsheets", "cloud-platform"}, service)
}

func (k *checker) googleClient(g *Google) {
	switch {
	case g.ClientID == "" && g.Delegation == nil:
		k.bad("google.client_id", "the client id is missing", "copy it from the Google Cloud console under APIs & Services, Credentials: 123…apps.googleusercontent.com")
	case g.ClientID != "" && !clientID.MatchString(g.ClientID):
		k.bad("google.client_id", k.shown("google.client_id", g.ClientID)+" is not a client id", "it looks like 123…apps.googleusercontent.com")
	}
	if g.ClientID != "" && g.ClientSecret == "" {
		k.bad("google.client_secret", "the client secret is missing", "client_secret: ${GOOGLE_CLIENT_SECRET}")
	}
	if g.SignIn && g.ClientID == "" {
		k.bad("google.sign_in", "nobody can sign in without a client id", "write client_id and client_secret, or sign_in: false")
	}
}

func (k *checker) delegation(g *Google) {
	d := g.Delegation
	if d == nil {
		return
	}
	if d.KeyFile == "" {
		k.bad("google.delegation.key_file", "the key file of the service account is missing", "key_file: ./service-account.json")
	} else {
		d.KeyFile = k.path("google.delegation.key_file", d.KeyFile)
	}
	first := map[string]bool{}
	for i, u := range d.Users {
		path := fmt.Sprintf("google.delegation.users[%d]", i)
		d.Users[i] = k.address(path, u)
		if first[d.Users[i]] {
			k.bad(path, k.shown(path, u)+" stands here twice", "delete one")
		}
		first[d.Users[i]] = true
	}
	if len(d.Users) == 0 && d.Group == "" {
		k.bad("google.delegation", "it is not said for whom the service account acts", "write users: [sato@example.co.jp], or group and admin")
	}
	if d.Group != "" {
		d.Group = k.address("google.delegation.group", d.Group)
		if d.Admin == "" {
			k.bad("google.delegation.admin", "the group can only be read as an administrator", "admin: admin@example.co.jp")
		}
	}
	if d.Admin != "" {
		d.Admin = k.address("google.delegation.admin", d.Admin)
	}
	if d.Admin != "" && d.Group == "" {
		k.bad("google.delegation.admin", "there is no group to read as this administrator", "write group: reps@example.co.jp, or delete admin")
	}
}

func (k *checker) googleQuota(q *GoogleQuota) {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"user_per_minute", q.UserPerMinute}, {"project_per_minute", q.ProjectPerMinute}, {"calendar_user_per_minute", q.CalendarUserPerMinute},
		{"calendar_project_per_minute", q.CalendarProjectPerMinute}, {"forms_user_per_minute", q.FormsUserPerMinute}, {"forms_project_per_minute", q.FormsProjectPerMinute},
	} {
		k.between("google.quota."+f.name, f.value, 1, 1_000_000_000)
	}
}

// endpoint is a setting that names an endpoint.
type endpoint struct {
	name, value string
	service     bool // its address ends in a slash
}

func (e GoogleEndpoints) named() []endpoint {
	return []endpoint{
		{"issuer", e.Issuer, false}, {"auth", e.Auth, false}, {"token", e.Token, false}, {"revoke", e.Revoke, false}, {"device", e.Device, false}, {"jwks", e.JWKS, false},
		{"gmail", e.Gmail, true}, {"calendar", e.Calendar, true}, {"forms", e.Forms, true}, {"directory", e.Directory, true}, {"pubsub", e.PubSub, true},
	}
}

func (k *checker) endpoints(base string, list []endpoint) {
	for _, e := range list {
		path := base + "." + e.name
		if e.value == "" {
			continue
		}
		u, err := url.Parse(e.value)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
			k.bad(path, k.shown(path, e.value)+" is not the address of a service", "write https://…")
		case u.Scheme == "http" && !onThisMachine(u.Hostname()):
			k.bad(path, k.shown(path, e.value)+" is not protected: tokens are sent there", "write https://…; http is for this machine only")
		case e.service && !strings.HasSuffix(u.Path, "/"):
			k.bad(path, k.shown(path, e.value)+" does not end in a slash", "write "+e.value+"/")
		}
	}
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
