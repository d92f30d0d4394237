package gmail

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// pageSize is the most that Gmail lists at once.
const pageSize = 500

// mostPages bounds what is listed in one go: five million messages.
const mostPages = 10_000

// place is where Gmail answers, unless the accounts know another place.
const place = "https://gmail.googleapis.com/"

// listed is a page of a list. Gmail always estimates how many there are, also of none: what does not is no list, though
// it may look like an empty one. (The generated type cannot tell 0 from nothing.)
type listed struct {
	Messages []struct {
		ID string `json:"id"`
	} `json:"messages"`
	Next     string       `json:"nextPageToken"`
	Estimate *json.Number `json:"resultSizeEstimate"`
}

// pages asks for the ids that a query finds among the mail with all these labels, page by page, newest first.
// yield says whether to go on.
func (s *source) pages(ctx context.Context, query string, labels []string, history bool, yield func(ids []string) (bool, error)) error {
	const op = "list messages"
	ask := url.Values{"alt": {"json"}, "prettyPrint": {"false"}, "fields": {"messages/id,nextPageToken,resultSizeEstimate"}, "maxResults": {strconv.Itoa(pageSize)}}
	if query != "" {
		ask.Set("q", query)
	}
	if len(labels) > 0 {
		ask["labelIds"] = labels
	}
	for walk := (googleapi.Pages{Most: mostPages, Limit: -1}); ; {
		var page listed
		address := s.access.Endpoint(place) + "gmail/v1/users/" + me + "/messages?" + ask.Encode()
		if err := s.access.Get(ctx, op, costList, history, address, &page); err != nil {
			return err
		}
		if page.Estimate == nil {
			return googleapi.Misshapen(op, "resultSizeEstimate")
		}
		ids := make([]string, 0, len(page.Messages))
		for _, m := range page.Messages {
			if m.ID != "" {
				ids = append(ids, m.ID)
			}
		}
		more, err := yield(ids)
		if err != nil || !more || page.Next == "" {
			return err
		}
		if err := walk.Next(op, page.Next); err != nil {
			return err
		}
		ask.Set("pageToken", page.Next)
	}
}

// find lists the ids of the source's messages of a time, newest first. It stops, and says so, when there are more
// than most; 0 for no bound.
func (s *source) find(ctx context.Context, from, to int64, most int, history bool) (ids []string, all bool, err error) {
	seen := make(map[string]bool)
	sets := [][]string{nil}
	if s.labels.choosy {
		sets = nil
		for _, id := range s.labels.include {
			sets = append(sets, []string{id})
		}
	}
	all = true
	for _, query := range s.settings.queries(from, to) {
		for _, set := range sets {
			err := s.pages(ctx, query, set, history, func(page []string) (bool, error) {
				for _, id := range page {
					if !seen[id] {
						seen[id] = true
						ids = append(ids, id)
					}
				}
				all = most == 0 || len(ids) <= most
				return all, nil
			})
			if err != nil || !all {
				return ids, all, err
			}
		}
	}
	ids, err = s.takeOut(ctx, ids, from, to, history)
	return ids, true, err
}

// takeOut takes away drafts and what has an excluded label. Spam and trash are not listed in the first place.
func (s *source) takeOut(ctx context.Context, ids []string, from, to int64, history bool) ([]string, error) {
	if len(ids) == 0 {
		return ids, nil
	}
	out := make(map[string]bool)
	bounds := Settings{}
	for _, label := range append([]string{"DRAFT"}, s.labels.exclude...) {
		err := s.pages(ctx, bounds.queries(from, to)[0], []string{label}, history, func(page []string) (bool, error) {
			for _, id := range page {
				out[id] = true
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	kept := ids[:0]
	for _, id := range ids {
		if !out[id] {
			kept = append(kept, id)
		}
	}
	return kept, nil
}
