package googleapi

import (
	"errors"
	"fmt"
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
	p.n++
	switch {
	case p.seen[token]:
		return Endless(op, "the same page comes again")
	case p.n >= p.Most:
		return Endless(op, "it has too many pages")
	case p.Limit > 0 && time.Since(p.begun) > p.Limit:
		return Endless(op, "it took too long")
	}
	p.seen[token] = true
	return nil
}

// errEndless is why a walk is given up.
var errEndless = errors.New("the list at Google does not end")

// Endless is the Fault for a list that does not end.
func Endless(op, why string) error {
	return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: fmt.Errorf("%w: %s", errEndless, why)}
}

// Odd says that a call came to nothing because of what it answered, a good answer that cannot be one: the next thing may
// well be read.
func Odd(err error) bool { return errors.Is(err, errShape) || errors.Is(err, errEndless) }
