package boltstore

import (
	"context"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Search finds people and accounts; see storetest.Finding.
func (s *Store) Search(ctx context.Context, q crm.SearchQuery) (crm.Found, error) {
	var out crm.Found
	if q.Kind != "account" {
		people, next, err := s.ListPeople(ctx, crm.PeopleFilter{Query: q.Query, Kind: crm.PersonKind(q.Kind), Limit: q.Limit})
		if err != nil {
			return out, fmt.Errorf("search: %w", err)
		}
		for i := range people {
			out.Hits = append(out.Hits, crm.Hit{Kind: string(people[i].Kind), ID: people[i].ID, Person: &people[i]})
		}
		out.More = next != ""
	}
	return out, nil
}
