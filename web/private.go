package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// withheldRoutes are what reps keep out: conversations they marked private, and rules of their own.
func withheldRoutes() []route {
	return []route{
		{pattern: "GET /private", access: rep, handle: (*Server).listPrivate},
		{pattern: "POST /private/{id}/undo", access: rep, handle: (*Server).undoPrivate, any: "the store finds only the user's own"},
		{pattern: "GET /activities/{id}/private", access: rep, handle: (*Server).askPrivate, of: activityRecord},
		{pattern: "POST /activities/{id}/private", access: rep, handle: (*Server).makePrivate, of: activityRecord},
		{pattern: "GET /exclusions", access: rep, handle: (*Server).listExclusions},
		{pattern: "POST /exclusions", access: rep, handle: (*Server).addExclusion},
		{pattern: "POST /exclusions/{id}/remove", access: rep, handle: (*Server).removeExclusion, any: "the store finds only the user's own"},
	}
}

const listOfPrivate = "private/"

// privatePage is how many private conversations a page has.
const privatePage = 50

type privateView struct {
	Rows        []privateRow
	Start, Next string
}

type privateRow struct {
	ID, Note, At, From, Until, Last string
	Items                           int64
}

// privateAsk is the page that says what marking does.
type privateAsk struct {
	ID, Subject, Meeting string
	Owners               []string // others who lose it too
}

// mayMark says whether somebody can mark an activity's conversation private: it is mail or a meeting, and theirs.
func mayMark(u crm.User, a *crm.Activity) bool {
	return (a.Kind == crm.KindEmail || a.Kind == crm.KindMeeting) &&
		slices.ContainsFunc(a.Owners, func(o string) bool { return strings.EqualFold(o, u.Email) })
}

// privateURL leads to marking an activity's conversation private; "" if that is not for the user to do.
func privateURL(u crm.User, a *crm.Activity) string {
	if !mayMark(u, a) {
		return ""
	}
	return "/activities/" + a.ID + "/private"
}

func (s *Server) askPrivate(w http.ResponseWriter, r *request) error {
	a, err := s.store.GetActivity(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !mayMark(r.user, &a) {
		return errForbidden
	}
	v := privateAsk{ID: a.ID, Subject: a.Subject}
	for _, owner := range a.Owners {
		if !strings.EqualFold(owner, r.user.Email) {
			v.Owners = append(v.Owners, owner)
		}
	}
	return s.render(w, r, "privateask", page{Title: r.say.text("private.ask"), Data: v})
}

func (s *Server) makePrivate(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	if _, err := s.markPrivate(r.Context(), r.user.Email, r.user.Email, r.PathValue("id"), r.PostForm.Get("note")); err != nil {
		return err
	}
	return backTo(w, r, "/private", "marked_private")
}

// markPrivate takes a conversation out for everybody; pages and API share it. What follows from the activities that went
// (standing, lists, numbers) is worked out at once.
func (s *Server) markPrivate(ctx context.Context, actor, rep, activity, note string) (crm.PrivateThread, error) {
	if bad := tidy(&note); bad != nil || utf8.RuneCountInString(note) > crm.MaxPrivateNote {
		return crm.PrivateThread{}, badRequest("private.note_long")
	}
	thread, err := s.store.MarkPrivate(ctx, actor, rep, activity, note, time.Now().UTC())
	if errors.Is(err, crm.ErrPrivate) {
		return thread, &statusError{http.StatusForbidden, "private.refused"}
	}
	if errors.Is(err, crm.ErrTooBig) {
		return thread, &statusError{http.StatusConflict, "private.too_long"}
	}
	if err == nil {
		s.withheldChanged()
	}
	return thread, err
}

func (s *Server) undoPrivate(w http.ResponseWriter, r *request) error {
	if err := s.liftPrivate(r.Context(), r.user.Email, r.user.Email, r.PathValue("id")); err != nil {
		return err
	}
	return backTo(w, r, "/private", "lifted_private")
}

// liftPrivate takes a mark back and has the sources read again what it kept out. A source that cannot be woken reads it
// with its next pass.
func (s *Server) liftPrivate(ctx context.Context, actor, rep, id string) error {
	sources, err := s.store.LiftPrivate(ctx, actor, rep, id, time.Now().UTC())
	if err != nil {
		return err
	}
	s.wakeSome(ctx, sources)
	s.withheldChanged()
	return nil
}

// wakeSome has sources read now.
func (s *Server) wakeSome(ctx context.Context, sources []string) {
	for _, id := range sources {
		if err := s.cfg.Engine.Wake(ctx, id); err != nil {
			s.log.Warn("wake source", "source", id, "error", err)
		}
	}
}

// withheldChanged starts what follows, and tells open pages.
func (s *Server) withheldChanged() {
	if s.cfg.Kick != nil {
		s.cfg.Kick()
	}
	s.live.publish(Event{Many: true, Ledger: true, At: time.Now().UTC()})
}

func (s *Server) listPrivate(w http.ResponseWriter, r *request) error {
	after, err := r.place(listOfPrivate)
	if err != nil {
		return err
	}
	threads, next, err := s.store.ListPrivate(r.Context(), r.user.Email, after, privatePage)
	if err != nil {
		return err
	}
	v := privateView{Start: firstPage(r), Next: nextPage(r, listOfPrivate, next)}
	for i := range threads {
		t := &threads[i]
		v.Rows = append(v.Rows, privateRow{ID: t.ID, Note: t.Note, At: r.say.when(t.At), From: r.say.when(t.From), Until: r.say.when(t.Until),
			Last: r.say.when(t.Last), Items: t.Items})
	}
	return s.render(w, r, "private", page{Title: r.say.text("private.title"), Nav: "settings", Live: "page=private", Data: v})
}
