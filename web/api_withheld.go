package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type repQuery struct {
	Paging
	Owner string `query:"owner" required:"true" minLength:"3" maxLength:"300" doc:"the rep's address"`
}

type repEntry struct {
	Owner string `json:"owner" minLength:"3" maxLength:"300" doc:"the rep in whose name it is done: credited on the activity"`
	Note  string `json:"note,omitempty" maxLength:"80" doc:"for the rep alone"`
}

type ownRuleEntry struct {
	Owner string `json:"owner" minLength:"3" maxLength:"300" doc:"the rep whose sources it is about"`
	Kind  string `json:"kind" enum:"address,domain,subject"`
	Text  string `json:"text" minLength:"1" maxLength:"200"`
}

// ownRuleList is what a rep keeps out.
type ownRuleList struct {
	Items   []crm.OwnRule `json:"items" nullable:"false"`
	Settled bool          `json:"settled" doc:"what was stored before is in line with the rules"`
}

// withheldAPI is for programs that act in the name of a rep; hence they need an administrator's token.
func (s *Server) withheldAPI(api huma.API) {
	huma.Register(api, operation("mark-private", http.MethodPost, "/activities/{id}/private", admin,
		"Take the whole conversation of an activity out, for everybody", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByID
			Body repEntry
		}) (*one[crm.PrivateThread], error) {
			thread, err := s.markPrivate(ctx, actor(ctx), in.Body.Owner, in.ID, in.Body.Note)
			if err != nil {
				return nil, s.withheldError(err)
			}
			thread.Note = ""
			return &one[crm.PrivateThread]{thread}, nil
		})
	huma.Register(api, operation("list-private", http.MethodGet, "/private", admin, "List a rep's private conversations; they have no content"),
		func(ctx context.Context, in *repQuery) (*list[crm.PrivateThread], error) {
			name := listOfPrivate + in.Owner
			after, err := in.place(name)
			if err != nil {
				return nil, err
			}
			threads, next, err := s.store.ListPrivate(ctx, in.Owner, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			for i := range threads {
				threads[i].Note = "" // the rep's alone
			}
			return listOf(threads, cursorFor(name, next), "/private", url.Values{"owner": {in.Owner}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	undo := operation("undo-private", http.MethodPost, "/private/{id}/undo", admin, "Let a conversation be logged again; it is read again from its sources", http.StatusNotFound)
	undo.DefaultStatus = http.StatusAccepted
	huma.Register(api, undo, func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Owner string `json:"owner" minLength:"3" maxLength:"300" doc:"who marked it"`
		}
	}) (*struct{}, error) {
		if err := s.liftPrivate(ctx, actor(ctx), in.Body.Owner, in.ID); err != nil {
			return nil, s.withheldError(err)
		}
		return nil, nil
	})
	huma.Register(api, operation("list-exclusions", http.MethodGet, "/exclusions", admin, "List what a rep keeps out of their own sources"),
		func(ctx context.Context, in *struct {
			Owner string `query:"owner" required:"true" minLength:"3" maxLength:"300" doc:"the rep's address"`
		}) (*one[ownRuleList], error) {
			rules, settled, err := s.store.OwnRules(ctx, in.Owner)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[ownRuleList]{ownRuleList{append([]crm.OwnRule{}, rules...), settled}}, nil
		})
	add := operation("add-exclusion", http.MethodPost, "/exclusions", admin, "Keep items out of a rep's sources; what is stored follows")
	add.DefaultStatus = http.StatusAccepted
	huma.Register(api, add, func(ctx context.Context, in *struct{ Body ownRuleEntry }) (*struct{}, error) {
		if err := s.exclude(ctx, actor(ctx), in.Body.Owner, crm.OwnRuleKind(in.Body.Kind), in.Body.Text); err != nil {
			return nil, s.withheldError(err)
		}
		return nil, nil
	})
	remove := operation("remove-exclusion", http.MethodDelete, "/exclusions/{id}", admin, "Take a rule of a rep away; what it kept out is read again", http.StatusNotFound)
	huma.Register(api, remove, func(ctx context.Context, in *struct {
		ByID
		Owner string `query:"owner" required:"true" minLength:"3" maxLength:"300" doc:"the rep's address"`
	}) (*struct{}, error) {
		if err := s.include(ctx, actor(ctx), in.Owner, in.ID); err != nil {
			return nil, s.withheldError(err)
		}
		return nil, nil
	})
}

// withheldError says what is wrong with what a program asked for.
func (s *Server) withheldError(err error) error {
	var chosen *statusError
	if errors.As(err, &chosen) && chosen.status < http.StatusInternalServerError {
		return huma.NewError(http.StatusUnprocessableEntity, s.speakers["en"].text(chosen.key))
	}
	return s.apiError(err)
}
