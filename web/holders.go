package web

import (
	"context"
	"net/http"
	"slices"

	"golang.org/x/net/publicsuffix"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// heldAddress says that a review's address belongs to people by now: one of them is meant, and not somebody new.
type heldAddress struct {
	review  string // id
	holders []crm.PersonRef
}

func (e *heldAddress) Error() string { return "the address belongs to somebody: choose them" }
func (e *heldAddress) Unwrap() error { return &statusError{http.StatusConflict, "error.address_held"} }

// holdersOf are the people other than this one who have one of the addresses, as far as they may be seen.
func (s *Server) holdersOf(ctx context.Context, person string, addresses []string) (held []crm.PersonRef, err error) {
	var q crm.Question
	for _, a := range addresses {
		if normal, ok := crm.NormalizeAddress(a); ok {
			q.Addresses = append(q.Addresses, normal)
		}
	}
	if len(q.Addresses) == 0 {
		return nil, nil
	}
	known, err := s.store.Lookup(ctx, q)
	for _, address := range q.Addresses {
		for _, p := range known.Addresses[address].People {
			if p.ID != person && !slices.ContainsFunc(held, func(h crm.PersonRef) bool { return h.ID == p.ID }) {
				held = append(held, p)
			}
		}
	}
	return held, err
}

// othersWith are the records that a new address or domain belongs to, as a form names them; none if somebody said that it is
// meant.
func (s *Server) othersWith(r *request, id string, addresses, domains []string) (out []link, err error) {
	if r.PostForm.Get("anyway") != "" {
		return nil, nil
	}
	people, err := s.holdersOf(r.Context(), id, addresses)
	for _, p := range people {
		out = append(out, link{p.Name, "/people/" + p.ID})
	}
	if err != nil || len(domains) == 0 {
		return out, err
	}
	known, err := s.store.Lookup(r.Context(), crm.Question{Domains: domains})
	for _, domain := range domains {
		for _, a := range known.Domains[domain] {
			if a.ID != id && a.Domain == domain { // below another's domain there is room for a company of its own
				out = append(out, link{a.Name, "/accounts/" + a.ID})
			}
		}
	}
	return out, err
}

// added is what is in a list and was not before.
func added(before, now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(v string) bool { return slices.Contains(before, v) })
}

// ownedByNobody says whether a domain is everybody's: a public suffix, or one of free mail.
func ownedByNobody(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return icann && suffix == domain || mapping.IsFreeMail(domain)
}
