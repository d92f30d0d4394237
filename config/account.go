package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// A signed-in account brings sources that stand in no file: one for each service, with the settings of the section
// google.mail, google.calendar or google.forms, and the account filled in.

// accountSource are the ids that such sources get.
var accountSource = regexp.MustCompile(`^(gmail|googlecalendar|googleforms)-.+-at-`)

// accountKind makes the settings of a service's sources.
type accountKind struct {
	kind connectors.SourceKind
	node *yaml.Node // of the section, with variables replaced; nil for none
	dir  string
}

// settings decodes the section for an account. Problems of the shape go to the loader, those of the meaning are given
// back, with paths from the section on.
func (a accountKind) settings(account string, l *loader) (connectors.Settings, []connectors.Problem) {
	s := a.kind.NewSettings()
	n := a.node
	if n == nil || isNull(n) {
		n = &yaml.Node{Kind: yaml.MappingNode}
	}
	before := len(l.problems)
	l.decode(n, reflect.ValueOf(s), a.path())
	if len(l.problems) > before {
		return s, nil
	}
	fill := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: "account"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: account}}}
	if takesAccount(s) {
		l.decode(fill, reflect.ValueOf(s), a.path())
	}
	return s, s.Check()
}

func (a accountKind) path() string {
	for _, service := range GoogleServices() {
		if googleKind(service) == a.kind.Name {
			return "google." + service
		}
	}
	return a.kind.Name
}

// takesAccount says whether settings have a field "account".
func takesAccount(s connectors.Settings) bool {
	v := reflect.ValueOf(s)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return false
	}
	fields := map[string]reflect.Value{}
	collectFields(v.Elem(), fields)
	_, has := fields["account"]
	return has
}

// AccountSources gives the sources of a Google account, one for each of the services that this version can read. The
// owner is the account.
func (c *Config) AccountSources(account string, services []string) ([]Source, error) {
	if c.Google == nil || !accountAddress(account) {
		return nil, nil
	}
	var out []Source
	for _, service := range services {
		a, known := c.Google.accounts[service]
		if !known {
			continue
		}
		l := &loader{dir: a.dir, written: map[*yaml.Node]string{}, unset: map[*yaml.Node]bool{}, broken: map[*yaml.Node]bool{}}
		settings, problems := a.settings(account, l)
		if len(problems) > 0 {
			return nil, fmt.Errorf("settings google.%s of %s: %s: %s", service, account, problems[0].Path, problems[0].What)
		}
		if len(l.problems) > 0 {
			return nil, fmt.Errorf("settings google.%s of %s: %s", service, account, l.problems[0].What)
		}
		out = append(out, Source{ID: AccountSourceID(service, account), Kind: a.kind.Name, Owner: account, Schedule: a.kind.Schedule,
			NewPeople: c.Google.NewPeople, Settings: settings})
	}
	return out, nil
}

// AccountSourceID is the id of the source that a service of an account brings: the kind, the part before the @, "-at-"
// and the domain, such as gmail-sato-at-example.co.jp. Where that is too long, has characters that ids cannot have, or
// could be meant for another address, the start of a hash of the address follows.
func AccountSourceID(service, account string) string {
	local, host, _ := strings.Cut(account, "@")
	prefix := googleKind(service) + "-"
	id := prefix + local + "-at-" + host
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, id)
	if plain == id && len(id) <= 63 && !strings.Contains(local, "-at-") && !strings.Contains(host, "-at-") {
		return id
	}
	sum := sha256.Sum256([]byte(account))
	tail := "-" + hex.EncodeToString(sum[:5])
	return plain[:min(len(plain), 63-len(tail))] + tail
}

// With gives a copy of the configuration with further sources after those of the file.
func (c *Config) With(sources []Source) *Config {
	out := *c
	out.Sources = append(append([]Source(nil), c.Sources...), sources...)
	return &out
}

// accountAddress says whether an address can own a source.
func accountAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && !slices.Contains([]string{"", "."}, filepath.Ext(s))
}

// googleSettings reads the defaults of the sources that come with an account.
func (l *loader) googleSettings(root *yaml.Node, c *Config) {
	if c.Google == nil {
		return
	}
	c.Google.accounts = map[string]accountKind{}
	for _, service := range GoogleServices() {
		kind, known := l.kinds[googleKind(service)]
		n := find(root, "google."+service)
		if !known {
			continue
		}
		a := accountKind{kind: kind, node: n, dir: l.dir}
		c.Google.accounts[service] = a
		if n == nil && !slices.Contains(c.Google.Services, service) {
			continue
		}
		_, problems := a.settings("somebody@example.com", l)
		for _, p := range problems {
			path := strings.TrimSuffix(join("google."+service, p.Path), ".")
			if at := nearest(root, path); !l.unset[at] && !l.broken[at] {
				l.at(at, path, strings.TrimSuffix(p.What, "."), strings.TrimSuffix(p.Hint, "."))
			}
		}
	}
}
