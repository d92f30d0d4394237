package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type activitiesQuery struct {
	Paging
	Person  string    `query:"person" maxLength:"200" doc:"id; at most one of person, account and owner"`
	Account string    `query:"account" maxLength:"200" doc:"id; includes the activities of its contacts"`
	Owner   string    `query:"owner" maxLength:"300" doc:"a rep's address"`
	Since   time.Time `query:"since" doc:"not before, RFC 3339"`
	Until   time.Time `query:"until" doc:"before, RFC 3339"`
}

func (q *activitiesQuery) values() url.Values {
	v := url.Values{"person": {q.Person}, "account": {q.Account}, "owner": {q.Owner}, "limit": {strconv.Itoa(q.Limit)}}
	if !q.Since.IsZero() {
		v.Set("since", q.Since.Format(time.RFC3339Nano))
	}
	if !q.Until.IsZero() {
		v.Set("until", q.Until.Format(time.RFC3339Nano))
	}
	return v
}

func (s *Server) activitiesAPI(api huma.API) {
	huma.Register(api, operation("list-activities", http.MethodGet, "/activities", rep, "List activities, newest first", http.StatusBadRequest),
		func(ctx context.Context, in *activitiesQuery) (*list[crm.ExportedActivity], error) {
			chosen := 0
			for _, v := range []string{in.Person, in.Account, in.Owner} {
				if v != "" {
					chosen++
				}
			}
			if chosen > 1 {
				return nil, huma.Error400BadRequest("give at most one of person, account and owner")
			}
			after, err := in.place(listOfActivities)
			if err != nil {
				return nil, err
			}
			f := crm.ActivityFilter{Person: in.Person, Account: in.Account, Owner: in.Owner, Since: in.Since, Until: in.Until, After: after, Limit: in.Limit}
			activities, next, err := s.store.ListActivities(ctx, f)
			if err != nil {
				return nil, s.apiError(err)
			}
			items := make([]crm.ExportedActivity, 0, len(activities))
			for _, a := range activities {
				items = append(items, crm.ExportActivity(a))
			}
			return listOf(items, cursorFor(listOfActivities, next), "/activities", in.values()), nil
		})
	huma.Register(api, operation("get-activity", http.MethodGet, "/activities/{id}", rep, "Get an activity by id or key", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.ExportedActivity], error) {
			a, err := s.store.GetActivity(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.ExportedActivity]{crm.ExportActivity(a)}, nil
		})
}
