package web

import (
	"errors"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what is read to say what became of somebody's mail.
const (
	findRows  = 600 // activities whose subjects are compared
	findShown = 10
	findRules = 200 // rows that a rule excluded, whose patterns are compared
)

// ledgerFind is what is known of an address, or of the words of a subject.
type ledgerFind struct {
	Address  string // if the words are one, as it is compared; else ""
	Says     []findSays
	Logged   []activityView
	Capped   bool   // only the latest findRows activities were looked at
	Excluded string // where what was excluded in those days is listed
}

// findSays is one sentence, and where more of it is.
type findSays struct {
	Text      template.HTML
	URL, More string
	Bad       bool
}

// ledgerFind says, from the surest to the least sure, why mail with an address or subject may or may not be logged.
func (s *Server) ledgerFind(r *request, query string, f crm.LedgerFilter) (*ledgerFind, error) {
	v := &ledgerFind{Excluded: "/ledger?" + url.Values{"verdict": {string(crm.Excluded)}, "from": {r.URL.Query().Get("from")}, "to": {r.URL.Query().Get("to")}}.Encode()}
	var people []crm.Person
	if bare := bareAddress(query); bare != "" {
		v.Address, _ = crm.NormalizeAddress(bare)
		var err error
		if people, err = s.findAddress(r, v, query); err != nil {
			return nil, err
		}
	}
	if err := s.findLogged(r, v, query, people, f.Since, f.Until); err != nil {
		return nil, err
	}
	return v, s.findSources(r, v)
}

// findAddress says whose an address is, and whether a question or a rule stands in the way.
func (s *Server) findAddress(r *request, v *ledgerFind, query string) ([]crm.Person, error) {
	ctx := r.Context()
	if s.cfg.Own(v.Address) {
		v.Says = append(v.Says, findSays{Text: r.say.html("find.own", "address", query)})
	}
	found, err := s.store.Search(ctx, crm.SearchQuery{Query: v.Address, Limit: 20})
	if err != nil {
		return nil, err
	}
	var people []crm.Person
	for _, h := range found.Hits {
		if h.Person != nil && slices.ContainsFunc(h.Person.Emails, func(e string) bool { a, ok := crm.NormalizeAddress(e); return ok && a == v.Address }) {
			people = append(people, *h.Person)
			v.Says = append(v.Says, findSays{Text: r.say.html("find.known", "address", query, "name", h.Person.Name), URL: "/people/" + h.Person.ID, More: r.say.text("find.timeline")})
		}
	}
	if len(people) == 0 && !s.cfg.Own(v.Address) {
		v.Says = append(v.Says, findSays{Text: r.say.html("find.unknown", "address", query), URL: "/people/new", More: r.say.text("person.new")})
	}
	for _, kind := range []crm.ReviewKind{crm.ReviewNewContact, crm.ReviewAmbiguous} {
		review, err := s.store.GetReview(ctx, crm.ReviewID(kind, v.Address))
		switch {
		case errors.Is(err, crm.ErrNotFound):
		case err != nil:
			return nil, err
		case review.State == crm.ReviewOpen:
			v.Says = append(v.Says, findSays{Text: r.say.html("find.asked", "address", query), URL: "/reviews#r" + review.ID, More: r.say.text("find.decide")})
		case review.State == crm.ReviewDismissed:
			v.Says = append(v.Says, findSays{Text: r.say.html("find.dismissed", "address", query, "by", r.say.actor(review.DecidedBy)), URL: "/reviews?state=dismissed", More: r.say.text("find.decide")})
		}
	}
	return people, s.findRule(r, v)
}

// findRule looks among what rules excluded for a pattern that the address fits.
func (s *Server) findRule(r *request, v *ledgerFind) error {
	_, domain, _ := strings.Cut(v.Address, "@")
	for _, reason := range []string{crm.ReasonAddress, crm.ReasonDomain} {
		rows, _, err := s.store.ListEntries(r.Context(), crm.LedgerFilter{Verdict: crm.Excluded, Reason: reason, Limit: findRules})
		if err != nil {
			return err
		}
		said := map[string]bool{}
		for _, e := range rows {
			_, pattern, _ := strings.Cut(string(e.Reason), ": ")
			if pattern == "" || said[pattern] || !coveredBy(pattern, v.Address, domain) {
				continue
			}
			said[pattern] = true
			v.Says = append(v.Says, findSays{Text: r.say.html("find.rule", "value", pattern), URL: "/ledger?" + url.Values{"reason": {reason}}.Encode(), More: r.say.text("find.rows"), Bad: true})
		}
	}
	return nil
}

// coveredBy says that a pattern for addresses or a domain covers an address.
func coveredBy(pattern, address, domain string) bool {
	pattern = strings.ToLower(pattern)
	if pattern == address || pattern == domain || strings.HasSuffix(domain, "."+pattern) {
		return true
	}
	ok, err := path.Match(pattern, address)
	return ok && err == nil
}

// findLogged finds what was logged: with one of these people, or with the words in its subject.
func (s *Server) findLogged(r *request, v *ledgerFind, query string, people []crm.Person, since, until time.Time) error {
	filters := []crm.ActivityFilter{{}}
	if v.Address != "" {
		filters = nil
		for i := range people {
			filters = append(filters, crm.ActivityFilter{Person: people[i].ID})
		}
	}
	words := strings.Fields(crm.Fold(query))
	fits := func(a *crm.Activity) bool {
		if v.Address != "" {
			return slices.ContainsFunc(a.People, func(p crm.Participant) bool { n, ok := crm.NormalizeAddress(p.Address); return ok && n == v.Address })
		}
		subject := crm.Fold(a.Subject)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(subject, w) })
	}
	var found []crm.Activity
	for _, f := range filters {
		f.Since, f.Until, f.Limit = since, until, 200
		for read := 0; len(found) < findShown; {
			list, next, err := s.store.ListActivities(r.Context(), f)
			if err != nil {
				return err
			}
			for i := range list {
				if fits(&list[i]) && len(found) < findShown {
					found = append(found, list[i])
				}
			}
			if f.After = next; next == "" {
				break
			}
			if read += len(list); read >= findRows {
				v.Capped = true
				break
			}
		}
	}
	v.Logged = s.timeline(r.Context(), r.say, s.names(), found)
	return nil
}

// findSources says which sources cannot have yielded everything yet.
func (s *Server) findSources(r *request, v *ledgerFind) error {
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	for _, src := range sources {
		sv := r.say.sourceView(src, time.Now())
		var key string
		switch {
		case sv.Bad || src.State == crm.SourceRetrying:
			key = "find.source_stands"
		case sv.Percent >= 0:
			key = "find.source_fills"
		case src.State == crm.SourceNeverRun || sv.Working:
			key = "find.source_begins"
		default:
			continue
		}
		v.Says = append(v.Says, findSays{Text: r.say.html(key, "source", sv.Name, "percent", sv.Percent), URL: "/sources#" + src.ID, More: r.say.text("today.details"), Bad: sv.Bad})
	}
	return nil
}
