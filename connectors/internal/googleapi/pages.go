package googleapi

import (
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Bounds of a walk from page to page, if Pages does not say.
const (
	pagesLimit = 1000
	pagesTime  = 15 * time.Minute
)

// Pages guards a walk from page to page: the server says when it ends, and may never do so. The zero value is a walk
// of at most 1,000 pages that begins now.
type Pages struct {
	Most  int           // pages; 0 for 1,000
	Limit time.Duration // of all of the walk; 0 for 15 minutes, less than that for none

	seen  map[string]bool
	n     int
	begun time.Time
}

// Next notes that another page is to be asked for. It is a Retryable Fault if the token was met before, or if the walk
// has taken too many pages or too long: it would not end.
func (p *Pages) Next(op, token string) error {
	if p.seen == nil {
		p.seen, p.begun = make(map[string]bool), time.Now()
	}
	if p.Most == 0 {
		p.Most = pagesLimit
	}
	if p.Limit == 0 {
		p.Limit = pagesTime
	}
	fail := func(why string) error {
		return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: errors.New(why)}
	}
	p.n++
	switch {
	case p.seen[token]:
		return fail("Google's list does not end: it gives the same page again and again")
	case p.n >= p.Most:
		return fail("Google's list does not end: it has too many pages")
	case p.Limit > 0 && time.Since(p.begun) > p.Limit:
		return fail("Google's list has not ended in time")
	}
	p.seen[token] = true
	return nil
}
