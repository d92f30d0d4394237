package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// commentEntry is what a program says about a record.
type commentEntry struct {
	Person  string `json:"person,omitempty" maxLength:"200" doc:"id; exactly one of person and account"`
	Account string `json:"account,omitempty" maxLength:"200" doc:"id"`
	Text    string `json:"text" minLength:"1" maxLength:"10000" doc:"@ and the beginning of a user's address mentions that user"`
}

type commentsQuery struct {
	Paging
	Subject string `query:"subject" required:"true" minLength:"1" maxLength:"200" doc:"id of the person or account"`
}

// filingBody is a decision about who stands on an activity.
type filingBody struct {
	Detach  string `json:"detach,omitempty" maxLength:"200" doc:"id of the person who is taken off"`
	Attach  string `json:"attach,omitempty" maxLength:"200" doc:"id of the person who is put on"`
	Address string `json:"address,omitempty" maxLength:"300" doc:"of the participant whom attach is; absent: attach comes on top, or takes the place of detach"`
}

func (s *Server) commentsAPI(api huma.API) {
	huma.Register(api, operation("list-comments", http.MethodGet, "/comments", rep, "List what colleagues say about a person or an account, newest first", http.StatusNotFound),
		func(ctx context.Context, in *commentsQuery) (*list[crm.Comment], error) {
			after, err := in.place(listOfComments + in.Subject)
			if err != nil {
				return nil, err
			}
			rows, next, err := s.store.ListComments(ctx, in.Subject, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(rows, cursorFor(listOfComments+in.Subject, next), "/comments", url.Values{"subject": {in.Subject}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	create := operation("create-comment", http.MethodPost, "/comments", rep, "Say something about a person or an account, for colleagues", http.StatusNotFound)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body commentEntry }) (*one[crm.Comment], error) {
		if (in.Body.Person == "") == (in.Body.Account == "") {
			return nil, huma.Error422UnprocessableEntity("give exactly one of person and account")
		}
		kind, subject := crm.CommentPerson, in.Body.Person
		if subject == "" {
			kind, subject = crm.CommentAccount, in.Body.Account
		}
		c, err := s.addComment(ctx, actor(ctx), kind, subject, in.Body.Text)
		return answer(s, c, err)
	})
	huma.Register(api, operation("update-comment", http.MethodPut, "/comments/{id}", rep, "Give a comment of one's own other words", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body struct {
				Text string `json:"text" minLength:"1" maxLength:"10000"`
			}
		}) (*one[crm.Comment], error) {
			c, err := s.editComment(ctx, actor(ctx), false, in.ID, in.Body.Text, false)
			return answer(s, c, err)
		})
	huma.Register(api, operation("delete-comment", http.MethodDelete, "/comments/{id}", rep, "Take a comment of one's own back: that there was one stays", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*struct{}, error) {
			if _, err := s.editComment(ctx, actor(ctx), false, in.ID, "", true); err != nil {
				return nil, s.apiError(err)
			}
			return nil, nil
		})
}

func (s *Server) filingAPI(api huma.API) {
	huma.Register(api, operation("get-filing", http.MethodGet, "/activities/{id}/people", rep, "Get what people decided about who stands on an activity", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Filing], error) {
			a, err := s.store.GetActivity(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			f, err := s.store.GetFiling(ctx, a.ID)
			if f.Moves == nil {
				f.Moves = []crm.Filed{}
			}
			return answer(s, f, err)
		})
	huma.Register(api, operation("file-activity", http.MethodPost, "/activities/{id}/people", rep, "Take somebody off an activity, or put somebody on it; it stays so whatever is read later", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body filingBody
		}) (*one[crm.Filing], error) {
			if in.Body.Detach == "" && in.Body.Attach == "" {
				return nil, huma.Error422UnprocessableEntity("give detach, attach or both")
			}
			a, _, err := s.fileActivity(ctx, actor(ctx), in.ID, crm.Filed{Detach: in.Body.Detach, Attach: in.Body.Attach, Address: in.Body.Address})
			if err != nil {
				return nil, s.apiError(err)
			}
			f, err := s.store.GetFiling(ctx, a)
			return answer(s, f, err)
		})
	huma.Register(api, operation("unfile-activity", http.MethodPost, "/activities/{id}/people/undo", rep, "Take the newest of these decisions back", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*one[crm.Filing], error) {
			a, err := s.store.GetActivity(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			if err := s.unfileActivity(ctx, actor(ctx), a.ID, ""); err != nil {
				return nil, s.apiError(err)
			}
			f, err := s.store.GetFiling(ctx, a.ID)
			if f.Moves == nil {
				f.Moves = []crm.Filed{}
			}
			return answer(s, f, err)
		})
}
