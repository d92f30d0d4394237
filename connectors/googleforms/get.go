package googleforms

import (
	"context"
	"net/url"
	"slices"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// Get reads single answers again.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	items := make([]connectors.Item, 0, len(ids))
	for _, external := range ids {
		id, response, ok := split(external)
		at := slices.IndexFunc(s.forms, func(f form) bool { return f.id == id })
		if !ok || at < 0 || response == "" {
			continue
		}
		q, err := s.ask(ctx, id, questionsFor)
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var r forms.FormResponse
		err = s.get(ctx, s.reads, "get answer", true, url.PathEscape(id)+"/responses/"+url.PathEscape(response), nil, &r)
		if gone(err) {
			continue
		}
		if err == nil && r.ResponseId == "" {
			err = googleapi.Misshapen("get answer", "responseId")
		}
		if err != nil {
			return nil, err
		}
		items = append(items, s.item(s.forms[at], q, &r))
	}
	return items, nil
}

// Census lists the answers since the settings' day. A form that cannot be read has none now.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	begin, err := s.begin()
	if err != nil {
		return err
	}
	filter := (&progress{}).filter(begin)
	for _, one := range s.forms {
		if err := s.ids(ctx, one.id, filter, yield); err != nil && !gone(err) {
			return err
		}
	}
	return ctx.Err()
}

func (s *source) ids(ctx context.Context, id, filter string, yield func([]string) error) error {
	page := ""
	for walk := (googleapi.Pages{}); ; {
		answer, err := s.list(ctx, id, filter, page, "nextPageToken,responses(responseId)", idPageSize, true)
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(answer.Responses))
		for _, r := range answer.Responses {
			if r != nil && r.ResponseId != "" {
				ids = append(ids, external(id, r.ResponseId))
			}
		}
		if err := yield(ids); err != nil {
			return err
		}
		if page = answer.NextPageToken; page == "" {
			return nil
		}
		if err := walk.Next("list answers", page); err != nil {
			return err
		}
	}
}
