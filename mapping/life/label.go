package life

import (
	"cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// List names a list of the section whose entries have labels.
type List string

// The lists.
const (
	ListStatuses    List = "statuses"
	ListReasons     List = "reasons"
	ListResults     List = "results"
	ListStages      List = "stages"         // of opportunities
	ListRequests    List = "requests"       //
	ListRequest     List = "request_stages" // stages of requests, and the actions that end them
	ListSegments    List = "segments"
	ListTerritories List = "territories"
)

// In is the label in a language, ja or en; the other language stands in for an empty one.
func (l Label) In(locale string) string {
	if locale == "en" {
		return cmp.Or(l.En, l.Ja)
	}
	return cmp.Or(l.Ja, l.En)
}

// Heading is what an entry is called in a language: its name if it has no label.
func (n Name) Heading(locale string) string { return cmp.Or(n.Label.In(locale), n.Name) }

// Label is what a code of a list is called in a language, ja or en. A code that the list does not have (any more) is
// called as it was out of the box, else by itself.
func (r *Rules) Label(list List, code, locale string) string {
	for n := range names(&r.doc, list) {
		if n.Name == code {
			return n.Heading(locale)
		}
	}
	d := Default()
	for n := range names(&d, list) {
		if n.Name == code {
			return n.Heading(locale)
		}
	}
	return code
}

// names are the entries of a list.
func names(doc *Document, list List) func(yield func(Name) bool) {
	return func(yield func(Name) bool) {
		switch list {
		case ListStatuses:
			each(doc.Statuses, func(s Status) Name { return s.Name }, yield)
		case ListReasons:
			each(doc.Reasons, func(n Name) Name { return n }, yield)
		case ListResults:
			each(doc.Results, func(r Result) Name { return r.Name }, yield)
		case ListStages:
			each(doc.Stages, func(s DealStage) Name { return s.Name }, yield)
		case ListRequests:
			each(doc.Requests, func(q Request) Name { return q.Name }, yield)
		case ListRequest:
			for _, q := range doc.Requests {
				if !each(q.Stages, func(n Name) Name { return n }, yield) || !each(q.Final, func(n Name) Name { return n }, yield) {
					return
				}
			}
		case ListSegments:
			each(doc.Segments, func(s Segment) Name { return s.Name }, yield)
		case ListTerritories:
			each(doc.Territories, func(t Territory) Name { return t.Name }, yield)
		}
	}
}

func each[T any](list []T, name func(T) Name, yield func(Name) bool) bool {
	for _, entry := range list {
		if !yield(name(entry)) {
			return false
		}
	}
	return true
}

// labelOf is the label that a change keeps.
func (r *Rules) labelOf(field crm.ChangeField, code, locale string) string {
	switch field {
	case crm.ChangeStatus:
		return r.Label(ListStatuses, code, locale)
	case crm.ChangeStage:
		return r.Label(ListRequest, code, locale)
	}
	return code
}
