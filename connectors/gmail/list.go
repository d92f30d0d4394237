package gmail

import (
	"context"

	gmail "google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"
)

// pageSize is the most that Gmail lists at once.
const pageSize = 500

// pages asks for the ids that a query finds among the mail with all these labels, page by page, newest first.
// yield says whether to go on.
func (s *source) pages(ctx context.Context, query string, labels []string, history bool, yield func(ids []string) (bool, error)) error {
	token := ""
	for {
		var page *gmail.ListMessagesResponse
		err := s.access.Do(ctx, "list messages", costList, history, func(ctx context.Context) (err error) {
			call := s.service.Messages.List(me).MaxResults(pageSize).Fields(googleapi.Field("messages/id,nextPageToken"))
			if query != "" {
				call.Q(query)
			}
			if len(labels) > 0 {
				call.LabelIds(labels...)
			}
			if token != "" {
				call.PageToken(token)
			}
			page, err = call.Context(ctx).Do()
			return err
		})
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(page.Messages))
		for _, m := range page.Messages {
			if m != nil && m.Id != "" {
				ids = append(ids, m.Id)
			}
		}
		more, err := yield(ids)
		if err != nil || !more || page.NextPageToken == "" || page.NextPageToken == token {
			return err
		}
		token = page.NextPageToken
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
