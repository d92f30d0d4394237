package web

import (
	"errors"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// access is what a route asks of whoever calls it.
type access int

const (
	anybody access = iota // also before signing in
	rep                   // every user
	admin
	it
)

// allows says whether a role may enter. Each role may do what the ones before it may.
func (a access) allows(role crm.UserRole) bool {
	rank := map[crm.UserRole]access{crm.RoleRep: rep, crm.RoleAdmin: admin, crm.RoleIT: it}
	return a == anybody || rank[role] >= a
}

// route is one line of the table of pages.
type route struct {
	pattern string
	access  access
	handle  func(s *Server, w http.ResponseWriter, r *request) error
}

// routes is the table of every page and every write that pages make. The API's operations name their role
// where they are declared (api.go).
func routes() []route {
	return []route{
		{"GET /setup", anybody, (*Server).showSetup},
		{"POST /setup", anybody, (*Server).doSetup},
		{"GET /signin", anybody, (*Server).showSignIn},
		{"POST /signin", anybody, (*Server).doSignIn},
		{"POST /signout", rep, (*Server).doSignOut},
		{"GET /{$}", rep, (*Server).showHome},
		{"GET /events", rep, (*Server).showEvents},
		{"GET /people", rep, (*Server).listPeople},
		{"GET /people/new", rep, (*Server).newPerson},
		{"POST /people", rep, (*Server).createPerson},
		{"GET /people/{id}", rep, (*Server).showPerson},
		{"GET /people/{id}/edit", rep, (*Server).editPerson},
		{"POST /people/{id}", rep, (*Server).updatePerson},
		{"POST /people/{id}/delete", admin, (*Server).deletePerson},
		{"GET /accounts", rep, (*Server).listAccounts},
		{"GET /accounts/new", rep, (*Server).newAccount},
		{"POST /accounts", rep, (*Server).createAccount},
		{"GET /accounts/{id}", rep, (*Server).showAccount},
		{"GET /accounts/{id}/edit", rep, (*Server).editAccount},
		{"POST /accounts/{id}", rep, (*Server).updateAccount},
		{"GET /activities/{id}", rep, (*Server).showActivity},
		{"GET /ledger", rep, (*Server).listLedger},
		{"GET /reviews", rep, (*Server).listReviews},
		{"POST /reviews/{id}", rep, (*Server).decideReview},
		{"GET /sources", rep, (*Server).listSources},
		{"POST /sources/{id}/sync", rep, (*Server).wakeSource},
		{"GET /settings", rep, (*Server).showSettings},
		{"POST /settings/language", rep, (*Server).setLanguage},
		{"POST /settings/password", rep, (*Server).setPassword},
		{"GET /users", admin, (*Server).listUsers},
		{"POST /users", admin, (*Server).addUser},
		{"POST /users/state", admin, (*Server).setUserState},
		{"GET /tokens", admin, (*Server).listTokens},
		{"POST /tokens", admin, (*Server).createToken},
		{"POST /tokens/{id}/revoke", admin, (*Server).revokeToken},
	}
}

// request is an http.Request with who asks and in which language.
type request struct {
	*http.Request
	user crm.User // zero before signing in
	say  *speaker
	seen string // number of the latest event when the request came
}

// enter is the third door: it compares roles, then runs the handler and turns its error into a page.
func (s *Server) enter(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		r := &request{Request: hr, seen: s.live.now()}
		user, err := s.identify(hr)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			r.say = s.speakerFor(hr, crm.User{})
			s.fail(w, r, err)
			return
		}
		r.user = user
		r.say = s.speakerFor(hr, user)
		switch {
		case rt.access != anybody && user.Email == "":
			s.sendToSignIn(w, r)
		case !rt.access.allows(user.Role):
			s.fail(w, r, errForbidden)
		default:
			if err := rt.handle(s, w, r); err != nil {
				s.fail(w, r, err)
			}
		}
	})
}
