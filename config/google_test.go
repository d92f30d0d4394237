package config_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// accountSettings are like those of a connector that acts for an account.
type accountSettings struct {
	Account string        `yaml:"account"`
	Since   time.Duration `yaml:"since"`
	Port    uint16        `yaml:"port"`
}

func (s *accountSettings) Fingerprint() string { return s.Account }

func (s *accountSettings) Open(context.Context, connectors.Env) (connectors.Source, error) {
	return nil, errors.New("only for reading settings")
}

func (s *accountSettings) Check() []connectors.Problem {
	if s.Account == "" {
		return []connectors.Problem{{Path: "account", What: "the account is missing"}}
	}
	if s.Port == 1 {
		return []connectors.Problem{{Path: "port", What: "one is not a port"}}
	}
	return nil
}

func googleKinds() map[string]connectors.SourceKind {
	all := kinds()
	for _, name := range []string{"gmail", "googlecalendar"} {
		all[name] = connectors.SourceKind{Name: name, Schedule: "@every 1m", NewSettings: func() connectors.Settings {
			return &accountSettings{Since: 90 * 24 * time.Hour}
		}}
	}
	return all
}

func TestSourcesOfAnAccount(t *testing.T) {
	c, problems := config.Load("testdata/good/google.yaml", env, googleKinds())
	if len(problems) > 0 {
		t.Fatal(problems.Error())
	}
	g := c.Google
	if g.ClientSecret != "hush" || !g.SignIn || g.Quota.UserPerMinute != 15000 || g.Quota.ProjectPerMinute != 1_200_000 || g.Domains[0] != "example.co.jp" ||
		g.Delegation.KeyFile != filepath.Join(c.Dir, "service-account.json") || g.Delegation.Users[0] != "sato@example.co.jp" || g.CAFile != filepath.Join(c.Dir, "ca.pem") {
		t.Errorf("section: %+v", *g)
	}
	sources, err := c.AccountSources("sato@example.co.jp", []string{"mail", "calendar", "forms"}) // there is no kind for forms
	if err != nil || len(sources) != 2 {
		t.Fatalf("%d sources, %v", len(sources), err)
	}
	got := sources[0]
	if got.ID != "gmail-sato-at-example.co.jp" || got.Kind != "gmail" || got.Owner != "sato@example.co.jp" || got.Schedule != "@every 1m" || got.NewPeople != mapping.PolicyAlways {
		t.Errorf("source: %+v", got)
	}
	for i, since := range []time.Duration{30 * 24 * time.Hour, 90 * 24 * time.Hour} {
		s := sources[i].Settings.(*accountSettings)
		if s.Account != "sato@example.co.jp" || s.Since != since {
			t.Errorf("settings: %+v", s)
		}
	}
	with := c.With(sources)
	if len(c.Sources) != 0 || len(with.Sources) != 2 {
		t.Errorf("With: %d and %d sources", len(c.Sources), len(with.Sources))
	}
	if mapper, mistakes := with.Mapper(); len(mistakes) > 0 || !mapper.IsOwn("sato@example.co.jp") {
		t.Errorf("mapper: %v", mistakes)
	}
	if none, err := c.AccountSources("not an address", []string{"mail"}); err != nil || len(none) != 0 {
		t.Errorf("sources of nobody: %v, %v", none, err)
	}
}

func TestSettingsOfAccountsAreChecked(t *testing.T) {
	file := filepath.Join("testdata", "google.bad.yaml")
	_, problems := config.Load(file, env, googleKinds())
	for _, want := range []string{
		"google.mail.folder: there is no such setting", "google.mail.port: \"70000\" is not a whole number",
	} {
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("%q is missing in\n%s", want, problems.Error())
		}
	}
}

func TestIDsOfAccountSourcesAreValidAndApart(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	seen := map[string]string{}
	for _, address := range []string{
		"sato@example.co.jp", "a-at-b@c.jp", "a@b-at-c.jp", "o'neil@example.com", "o_neil@example.com", "sato+crm@example.com", strings.Repeat("long", 20) + "@example.com",
		strings.Repeat("long", 20) + "@example.org", "佐藤@example.jp",
	} {
		id := config.AccountSourceID("calendar", address)
		if before, twice := seen[id]; twice || !valid.MatchString(id) {
			t.Errorf("%s: %q, which is also that of %q", address, id, before)
		}
		seen[id] = address
	}
	if diff := cmp.Diff("googlecalendar-sato-at-example.co.jp", config.AccountSourceID("calendar", "sato@example.co.jp")); diff != "" {
		t.Error(diff)
	}
}
