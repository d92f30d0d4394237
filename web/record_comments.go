package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// shownComments is how many comments a record shows at once.
const shownComments = 50

// commentsView is what colleagues say about a record.
type commentsView struct {
	Action      string // where a new one is posted
	Rows        []commentView
	Count       int
	More        string // address of the older ones
	Newest      string // address of the newest, where these are older
	Users       []option
	Kind, About string
}

// commentView is one comment.
type commentView struct {
	ID, Author, Text, When, ISO, Edited string
	Mentions                            []string
	Deleted, Mine, MayDelete, ForMe     bool
}

// comments reads what colleagues say about a record, and notes that whoever looks saw it.
func (s *Server) comments(r *request, kind, subject string) (*commentsView, error) {
	ctx, list := r.Context(), listOfComments+subject
	place, ok := placeOf(list, r.URL.Query().Get("comments_after"))
	if !ok {
		return nil, badRequest("error.cursor")
	}
	rows, next, err := s.store.ListComments(ctx, subject, place, shownComments)
	if err != nil {
		return nil, err
	}
	users, err := s.usersByAddress(ctx)
	if err != nil {
		return nil, err
	}
	page := "/people/" + subject
	if kind == crm.CommentAccount {
		page = "/accounts/" + subject
	}
	v := &commentsView{Action: page + "/comments", Kind: kind, About: subject}
	unseen := false
	for i := range rows {
		c := &rows[i]
		unseen = unseen || c.Unseen(r.user.Email)
		v.Rows = append(v.Rows, r.say.commentView(c, &r.user, users))
		if c.Deleted.IsZero() {
			v.Count++
		}
	}
	if unseen && r.URL.Query().Get("tab") == "comments" && r.URL.Query().Get("fragment") == "" {
		if err := s.store.SeeMentions(ctx, r.user.Email, subject); err != nil {
			return nil, err
		}
	}
	if next != "" {
		v.More = page + "?tab=comments&comments_after=" + cursorFor(list, next)
	}
	if place != "" {
		v.Newest = page + "?tab=comments"
	}
	for _, u := range users {
		if !u.Disabled && u.Email != r.user.Email {
			v.Users = append(v.Users, option{Value: u.Email, Label: nameOfUser(&u)})
		}
	}
	slices.SortFunc(v.Users, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	return v, nil
}

func (sp *speaker) commentView(c *crm.Comment, user *crm.User, users map[string]crm.User) commentView {
	v := commentView{ID: c.ID, Author: sp.actor(c.Author), Text: c.Text, When: sp.when(c.At), ISO: c.At.UTC().Format(time.RFC3339), Deleted: !c.Deleted.IsZero(),
		Mine: c.Author == user.Email, ForMe: c.Unseen(user.Email)}
	v.MayDelete = v.Mine || admin.allows(user.Role)
	if u, ok := users[c.Author]; ok {
		v.Author = nameOfUser(&u)
	}
	if !c.Edited.IsZero() {
		v.Edited = sp.when(c.Edited)
	}
	for _, m := range c.Mentions {
		u, ok := users[m]
		if !ok {
			u.Email = m
		}
		v.Mentions = append(v.Mentions, nameOfUser(&u))
	}
	return v
}

// nameOfUser is what colleagues call a user.
func nameOfUser(u *crm.User) string {
	if u.Name != "" {
		return u.Name
	}
	return u.Email
}

func (s *Server) usersByAddress(ctx context.Context) (map[string]crm.User, error) {
	users, err := s.store.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]crm.User, len(users))
	for _, u := range users {
		out[u.Email] = u
	}
	return out, nil
}

// commentOnPerson and commentOnAccount take a comment from a record's page.
func (s *Server) commentOnPerson(w http.ResponseWriter, r *request) error {
	return s.commentOn(w, r, crm.CommentPerson, "/people/")
}

func (s *Server) commentOnAccount(w http.ResponseWriter, r *request) error {
	return s.commentOn(w, r, crm.CommentAccount, "/accounts/")
}

func (s *Server) commentOn(w http.ResponseWriter, r *request, kind, page string) error {
	if err := r.readForm(); err != nil {
		return err
	}
	id := r.PathValue("id")
	if _, err := s.addComment(r.Context(), r.user.Email, kind, id, r.PostForm.Get("text")); err != nil {
		return r.refusedEntry(err, page+id+"?tab=comments#comments", typed{"comments.write", r.PostForm.Get("text")})
	}
	http.Redirect(w, r.Request, page+id+"?tab=comments&notice=comment_saved#comments", http.StatusSeeOther)
	return nil
}

// addComment stores a comment; pages and API share it.
func (s *Server) addComment(ctx context.Context, actor, kind, subject, text string) (crm.Comment, error) {
	c := crm.Comment{ID: crm.NewID(), Kind: kind, Subject: subject, Author: actor, Text: text, At: time.Now().UTC()}
	if err := s.checkComment(ctx, &c); err != nil {
		return c, err
	}
	if err := s.store.SaveComment(ctx, actor, c); err != nil {
		return c, err
	}
	return s.store.GetComment(ctx, c.ID)
}

// checkComment trims a comment and finds whom it mentions.
func (s *Server) checkComment(ctx context.Context, c *crm.Comment) error {
	wrong := &checks{s: s}
	if wrong.text("text", &c.Text, crm.MaxComment); c.Text == "" {
		wrong.wrong("text", "entry.missing", "")
	}
	if err := wrong.err("comment"); err != nil {
		return err
	}
	users, err := s.store.ListUsers(ctx)
	if err != nil {
		return err
	}
	c.Mentions = slices.DeleteFunc(crm.MentionsIn(c.Text, users), func(user string) bool { return user == c.Author })
	return nil
}

// changeComment edits or deletes a comment from a page.
func (s *Server) changeComment(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	c, err := s.editComment(r.Context(), r.user.Email, admin.allows(r.user.Role), r.PathValue("id"), r.PostForm.Get("text"), r.PostForm.Get("action") == "delete")
	page := "/people/"
	if c.Kind == crm.CommentAccount {
		page = "/accounts/"
	}
	if err != nil && c.Subject != "" {
		return r.refusedEntry(err, page+c.Subject+"?tab=comments#comments", typed{"comments.write", r.PostForm.Get("text")})
	} else if err != nil {
		return err
	}
	http.Redirect(w, r.Request, page+c.Subject+"?tab=comments&notice=saved#comments", http.StatusSeeOther)
	return nil
}

// editComment gives a comment other words, or none. Only who wrote it changes it; an admin may delete it, too.
func (s *Server) editComment(ctx context.Context, actor string, isAdmin bool, id, text string, drop bool) (crm.Comment, error) {
	c, err := s.store.GetComment(ctx, id)
	if err != nil {
		return c, err
	}
	if c.Author != actor && (!drop || !isAdmin) {
		return c, errForbidden
	}
	if !c.Deleted.IsZero() {
		return c, crm.ErrConflict
	}
	now := time.Now().UTC()
	if drop {
		c.Deleted = now
	} else {
		c.Text, c.Edited = text, now
		if err := s.checkComment(ctx, &c); err != nil {
			return c, err
		}
	}
	if err := s.store.SaveComment(ctx, actor, c); err != nil {
		return c, err
	}
	return s.store.GetComment(ctx, id)
}

// shownMentions is how many mentions the first page shows.
const shownMentions = 10

// mentionView is a comment that mentions somebody, as the first page shows it.
type mentionView struct {
	Author, Text, When string
	About              link
}

// mentionsFor are the newest comments that mention a user who has not looked since, and whether there are more.
func (s *Server) mentionsFor(ctx context.Context, user crm.User) (rows []mentionView, more bool, err error) {
	list, next, err := s.store.ListMentions(ctx, user.Email, true, "", shownMentions)
	if err != nil {
		return nil, false, err
	}
	users, err := s.usersByAddress(ctx)
	if err != nil {
		return nil, false, err
	}
	sp := s.speakers[s.organisationLanguage()]
	if own, ok := s.speakers[user.Locale]; ok {
		sp = own
	}
	n := s.names()
	for i := range list {
		c := &list[i]
		view := sp.commentView(c, &user, users)
		m := mentionView{Author: view.Author, Text: excerpt(c.Text, 140), When: view.When, About: link{URL: "/people/" + c.Subject + "?tab=comments#comments"}}
		if c.Kind == crm.CommentAccount {
			m.About = link{n.account(ctx, c.Subject), "/accounts/" + c.Subject + "?tab=comments#comments"}
		} else if p, err := s.store.GetPerson(ctx, c.Subject); err == nil {
			m.About.Name = p.Name
		}
		rows = append(rows, m)
	}
	return rows, next != "", nil
}
