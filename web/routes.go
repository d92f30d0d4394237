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
	endless bool // goes on for as long as the browser listens
}

// routes is the table of every page and every write that pages make. The API's operations name their role
// where they are declared (api.go); POST /forms/{id}, which strangers call, stands beside it (server.go).
func routes() []route {
	return []route{
		{"GET /setup", anybody, (*Server).showSetup, false},
		{"POST /setup", anybody, (*Server).doSetup, false},
		{"GET /signin", anybody, (*Server).showSignIn, false},
		{"POST /signin", anybody, (*Server).doSignIn, false},
		{"POST /signin/{provider}", anybody, (*Server).beginSignIn, false},
		{"GET /signin/{provider}/callback", anybody, (*Server).finishSignIn, false},
		{"POST /signout", rep, (*Server).doSignOut, false},
		{"GET /{$}", rep, (*Server).showHome, false},
		{"GET /events", rep, (*Server).showEvents, true},
		{"GET /people", rep, (*Server).listPeople, false},
		{"GET /people/new", rep, (*Server).newPerson, false},
		{"POST /people", rep, (*Server).createPerson, false},
		{"GET /people/{id}", rep, (*Server).showPerson, false},
		{"GET /people/{id}/edit", rep, (*Server).editPerson, false},
		{"POST /people/{id}", rep, (*Server).updatePerson, false},
		{"POST /people/{id}/delete", admin, (*Server).deletePerson, false},
		{"POST /people/{id}/status", rep, (*Server).moveLead, false},
		{"POST /people/{id}/calls", rep, (*Server).callPerson, false},
		{"POST /changes/{id}/undo", rep, (*Server).undoMove, false},
		{"POST /tasks/{id}/done", rep, (*Server).doTask, false},
		{"GET /proposals", rep, (*Server).listProposals, false},
		{"POST /proposals/{id}", rep, (*Server).decideProposed, false},
		{"GET /deals", rep, (*Server).listDeals, false},
		{"GET /reports", rep, (*Server).showReport, false},
		{"GET /accounts", rep, (*Server).listAccounts, false},
		{"GET /accounts/new", rep, (*Server).newAccount, false},
		{"POST /accounts", rep, (*Server).createAccount, false},
		{"GET /accounts/{id}", rep, (*Server).showAccount, false},
		{"GET /accounts/{id}/edit", rep, (*Server).editAccount, false},
		{"POST /accounts/{id}", rep, (*Server).updateAccount, false},
		{"GET /activities/{id}", rep, (*Server).showActivity, false},
		{"POST /activities/{id}/outcome", rep, (*Server).saveOutcome, false},
		{"GET /ledger", rep, (*Server).listLedger, false},
		{"GET /reviews", rep, (*Server).listReviews, false},
		{"POST /reviews/{id}", rep, (*Server).decideReview, false},
		{"POST /reviews/{id}/rule", admin, (*Server).saveRule, false},
		{"GET /sources", rep, (*Server).listSources, false},
		{"POST /sources/{id}/sync", rep, (*Server).wakeSource, false},
		{"POST /sources/{id}/signin", rep, (*Server).signInSource, false},
		{"GET /connections", rep, (*Server).listConnections, false},
		{"POST /connect/{provider}", rep, (*Server).connectAccount, false},
		{"POST /connections/{provider}/{account}/disconnect", rep, (*Server).disconnectAccount, false},
		{"GET /forms", rep, (*Server).listForms, false},
		{"GET /forms/{id}", rep, (*Server).showForm, false},
		{"GET /forms/{id}/form", anybody, (*Server).openForm, false},
		{"GET /forms/{id}/thanks", anybody, (*Server).thankSender, false},
		{"POST /forms/{id}/quarantine/{submission}", rep, (*Server).decideHeld, false},
		{"GET /settings", rep, (*Server).showSettings, false},
		{"POST /settings/language", rep, (*Server).setLanguage, false},
		{"POST /settings/password", rep, (*Server).setPassword, false},
		{"GET /users", admin, (*Server).listUsers, false},
		{"POST /users", admin, (*Server).addUser, false},
		{"POST /users/state", admin, (*Server).setUserState, false},
		{"GET /tokens", admin, (*Server).listTokens, false},
		{"POST /tokens", admin, (*Server).createToken, false},
		{"POST /tokens/{id}/revoke", admin, (*Server).revokeToken, false},
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
		if !rt.endless {
			ctx, cancel := context.WithTimeout(hr.Context(), answerTimeout)
			defer cancel()
			hr = hr.WithContext(ctx)
		}
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
		case strings.Contains(rt.pattern, " /accounts") && !s.accountsOn():
			s.fail(w, r, &statusError{http.StatusNotFound, "error.accounts_off"})
		default:
			if err := rt.handle(s, w, r); err != nil {
				s.fail(w, r, err)
			}
		}
	})
}
