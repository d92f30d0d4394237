package googleforms

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// Settings are the settings of a Google Forms source.
type Settings struct {
	Account string `yaml:"account" json:"account"` // address of the account that was signed in; it may read the forms
	Forms   []Form `yaml:"forms" json:"forms"`     //
	Since   string `yaml:"since" json:"since"`     // 90d, 2026-01-31 or all: older answers are left alone
}

// Form is a form that is read.
type Form struct {
	ID   string `yaml:"id" json:"id"`     // Google's, or the address of the form's editor that holds it
	Form string `yaml:"form" json:"form"` // id of the form in the mapping; "" for Google's
}

// maxForms bounds the forms of a source: each costs a request with every poll.
const maxForms = 100

// formID is how Google's ids look, and editorURL where they stand in addresses.
var (
	formID    = regexp.MustCompile(`^[A-Za-z0-9_-]{10,200}$`)
	editorURL = regexp.MustCompile(`^https://docs\.google\.com/forms/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:[/?#].*)?$`)
)

// google is the id, also out of an address.
func (f Form) google() string {
	if m := editorURL.FindStringSubmatch(strings.TrimSpace(f.ID)); m != nil {
		return m[1]
	}
	return strings.TrimSpace(f.ID)
}

// Check finds every mistake at once.
func (s *Settings) Check() []connectors.Problem {
	var out []connectors.Problem
	add := func(path, what, hint string) {
		out = append(out, connectors.Problem{Path: path, What: what, Hint: hint})
	}
	if !strings.Contains(s.Account, "@") {
		add("account", "the account is missing", "write the address that was signed in with Google")
	}
	if _, err := googleapi.Since(s.Since, time.Now()); err != nil {
		add("since", err.Error(), "write a number of days such as 90d, a date such as 2026-01-31, or all")
	}
	if len(s.Forms) == 0 {
		add("forms", "no form is named", "write the form's id: it stands in the address of its editor, docs.google.com/forms/d/ID/edit")
	}
	if len(s.Forms) > maxForms {
		add("forms", fmt.Sprintf("there are more than %d forms", maxForms), "divide them among several sources")
	}
	ids, names := make(map[string]bool), make(map[string]bool)
	for i, f := range s.Forms {
		at, id := "forms["+strconv.Itoa(i)+"]", f.google()
		name := cmp.Or(f.Form, id)
		switch {
		case id == "e":
			add(at+".id", "this is the address of the page that people fill in", "take the one of the editor's address, docs.google.com/forms/d/ID/edit")
		case !formID.MatchString(id):
			add(at+".id", fmt.Sprintf("%q is no id of a form", f.ID), "it stands in the address of the form's editor, docs.google.com/forms/d/ID/edit")
		case ids[id]:
			add(at+".id", "the form stands twice", "keep one")
		case names[name]:
			add(at+".form", fmt.Sprintf("two forms are called %q", name), "give each its own: answers are told apart by it")
		}
		ids[id], names[name] = true, true
	}
	return out
}

// Fingerprint changes with every setting; none of them is secret.
func (s *Settings) Fingerprint() string { return googleapi.Fingerprint(s) }

// Open makes the source; the first Fetch connects.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	return s.open(env, time.Now)
}

func (s *Settings) open(env connectors.Env, now func() time.Time) (*source, error) {
	if problems := s.Check(); len(problems) > 0 {
		p := problems[0]
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: "open googleforms source", Hint: p.Hint,
			Err: fmt.Errorf("%s: %s", p.Path, p.What)}
	}
	env.Limits = env.Limits.OrDefault()
	src := &source{limits: env.Limits, since: s.Since, now: now, known: make(map[string]*questions)}
	account := strings.ToLower(strings.TrimSpace(s.Account))
	src.account = account
	for _, f := range s.Forms {
		src.forms = append(src.forms, form{id: f.google(), name: cmp.Or(f.Form, f.google())})
	}
	var err error
	if src.lists, err = open(env, account, "", listsPerUser, listsPerProject); err != nil {
		return nil, err
	}
	if src.reads, err = open(env, account, "/read", readsPerUser, readsPerProject); err != nil {
		return nil, err
	}
	src.base = src.lists.Endpoint(place)
	return src, nil
}

// The quotas of a new project, requests a minute: the listing of answers counts as expensive and has its own
// (https://developers.google.com/workspace/forms/api/limits).
const (
	listsPerUser, listsPerProject = 180, 450
	readsPerUser, readsPerProject = 390, 975
)

func open(env connectors.Env, account, quota string, user, project int) (*googleapi.Access, error) {
	return googleapi.Open(env, googleapi.Options{Account: account, Service: "forms", Scopes: []string{responsesScope, bodyScope},
		Limits: []connectors.Budget{
			{Name: "forms/user/" + account + quota, Units: user, Per: time.Minute},
			{Name: "forms/project" + quota, Units: project, Per: time.Minute},
		}})
}
