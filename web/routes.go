package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// access is what a route asks of whoever calls it.
type access int

const (
	anybody access = iota // also before signing in
	rep                   // every user
	manager
	admin
	it
)

// allows says whether a role may enter. Each role may do what the ones before it may.
func (a access) allows(role crm.UserRole) bool {
	rank := map[crm.UserRole]access{crm.RoleRep: rep, crm.RoleManager: manager, crm.RoleAdmin: admin, crm.RoleIT: it}
	return a == anybody || rank[role] >= a
}

// route is one line of the table of pages.
type route struct {
	pattern string
	access  access
	handle  func(s *Server, w http.ResponseWriter, r *request) error
	of      record // what {id} names: whoever may not see that record gets 404
	any     string // why {id} may name what everybody who may enter may see, in words; "" if it names a record (of) or there is none
	endless bool   // goes on for as long as the browser listens

	// unenrolled lets in who has no second factor yet but needs one.
	unenrolled bool
}

// request is an http.Request with who asks and in which language.
type request struct {
	*http.Request
	user    crm.User      // zero before signing in
	may     crm.Clearance // what the user may see; nothing before signing in
	say     *speaker
	session session // by which the user is signed in
	seen    string  // number of the latest event when the request came
}

// enter is the third door: it compares roles, then runs the handler and turns its error into a page.
func (s *Server) enter(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		if !rt.endless {
			ctx, cancel := context.WithTimeout(hr.Context(), answerTimeout)
			defer cancel()
			hr = hr.WithContext(ctx)
			w = &noticing{w, s}
		}
		r := &request{Request: hr, seen: s.live.now()}
		user, current, err := s.identify(hr)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			r.say = s.speakerFor(hr, crm.User{})
			s.fail(w, r, err)
			return
		}
		r.user, r.session = user, current
		r.say = s.speakerFor(hr, user)
		switch {
		case rt.access != anybody && user.Email == "":
			s.sendToSignIn(w, r)
		case !rt.access.allows(user.Role):
			s.fail(w, r, errForbidden)
		case s.mustEnrol(r) && !rt.unenrolled:
			http.Redirect(w, hr, "/settings/totp", http.StatusSeeOther)
		case strings.Contains(rt.pattern, " /accounts") && !s.accountsOn():
			s.fail(w, r, &statusError{http.StatusNotFound, "error.accounts_off"})
		default:
			if err := s.answer(rt, w, r); err != nil {
				s.fail(w, r, err)
			}
		}
	})
}

// answer looks whether the user may see the record that a route names, then runs the handler.
func (s *Server) answer(rt route, w http.ResponseWriter, r *request) error {
	if r.user.Email != "" {
		may, err := s.clearanceOf(r.Context(), r.user)
		if err != nil {
			return err
		}
		r.may = may
		r.Request = r.WithContext(withClearance(r.Context(), may)) // what the store shows from here on
		if err := s.mustSee(r.Context(), may, rt.of, r.PathValue("id")); err != nil {
			return s.movedOr(err, rt, w, r)
		}
	}
	return s.movedOr(rt.handle(s, w, r), rt, w, r)
}

// movedOr leads from the page of a person or account that was merged away to the one that has what it had, if whoever asks
// may see that; else the error stays.
func (s *Server) movedOr(err error, rt route, w http.ResponseWriter, r *request) error {
	section := map[string]string{"GET /people/{id}": "/people/", "GET /accounts/{id}": "/accounts/"}[rt.pattern]
	if !errors.Is(err, crm.ErrNotFound) || section == "" || r.user.Email == "" || r.URL.Query().Has("fragment") {
		return err
	}
	id := r.PathValue("id")
	for range maxMoves {
		merges, _, failed := s.store.ListMerges(r.Context(), id, "", 1) // the newest: nothing befalls a record afterwards
		if failed != nil || len(merges) == 0 || merges[0].Loser != id || !merges[0].Undone.IsZero() {
			return err
		}
		id = merges[0].Winner
		if seen, failed := s.sees(r.Context(), r.may, rt.of, id); seen && failed == nil {
			http.Redirect(w, r.Request, section+id, http.StatusSeeOther)
			return nil
		}
	}
	return err
}

// maxMoves bounds how many mergers of mergers are followed.
const maxMoves = 20
