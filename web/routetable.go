package web

import "slices"

// routes is the table of every page and every write that pages make. The API's operations name their role
// where they are declared (api.go); POST /forms/{id}, which strangers call, stands beside it (server.go).
func routes() []route {
	return slices.Concat(doorRoutes(), recordRoutes(), workRoutes(), sourceRoutes(), formRoutes(), numberRoutes(), accessRoutes(), itRoutes(), wizardRoutes(), shellRoutes(), withheldRoutes(), mailboxRoutes(), mappingRoutes(), importRoutes(), duplicateRoutes())
}

// doorRoutes are the ways in and out.
func doorRoutes() []route {
	return []route{
		{pattern: "GET /setup", access: anybody, handle: (*Server).showSetup},
		{pattern: "POST /setup", access: anybody, handle: (*Server).doSetup},
		{pattern: "GET /signin", access: anybody, handle: (*Server).showSignIn},
		{pattern: "POST /signin", access: anybody, handle: (*Server).doSignIn},
		{pattern: "POST /signin/{provider}", access: anybody, handle: (*Server).beginSignIn},
		{pattern: "GET /signin/{provider}/callback", access: anybody, handle: (*Server).finishSignIn},
		{pattern: "POST /signout", access: rep, handle: (*Server).doSignOut, unenrolled: true},
	}
}

// recordRoutes are people, accounts, activities and deals.
func recordRoutes() []route {
	return append([]route{
		{pattern: "GET /people", access: rep, handle: (*Server).listPeople},
		{pattern: "GET /people/new", access: rep, handle: (*Server).newPerson},
		{pattern: "POST /people", access: rep, handle: (*Server).createPerson},
		{pattern: "GET /people/{id}", access: rep, handle: (*Server).showPerson, of: personRecord},
		{pattern: "GET /people/{id}/edit", access: rep, handle: (*Server).editPerson, of: personRecord},
		{pattern: "POST /people/{id}", access: rep, handle: (*Server).updatePerson, of: personRecord},
		{pattern: "POST /people/{id}/delete", access: admin, handle: (*Server).deletePerson, of: personRecord},
		{pattern: "POST /people/{id}/status", access: rep, handle: (*Server).moveLead, of: personRecord},
		{pattern: "POST /people/{id}/calls", access: rep, handle: (*Server).callPerson, of: personRecord},
		{pattern: "POST /changes/{id}/undo", access: rep, handle: (*Server).undoMove, of: changeRecord},
		{pattern: "GET /deals", access: rep, handle: (*Server).listDeals},
		{pattern: "GET /accounts", access: rep, handle: (*Server).listAccounts},
		{pattern: "GET /accounts/new", access: rep, handle: (*Server).newAccount},
		{pattern: "POST /accounts", access: rep, handle: (*Server).createAccount},
		{pattern: "GET /accounts/{id}", access: rep, handle: (*Server).showAccount, of: accountRecord},
		{pattern: "GET /accounts/{id}/edit", access: rep, handle: (*Server).editAccount, of: accountRecord},
		{pattern: "POST /accounts/{id}", access: rep, handle: (*Server).updateAccount, of: accountRecord},
		{pattern: "GET /activities/{id}", access: rep, handle: (*Server).showActivity, of: activityRecord},
		{pattern: "POST /activities/{id}/outcome", access: rep, handle: (*Server).saveOutcome, of: activityRecord},
	}, pageOfRecordRoutes()...)
}

// workRoutes are what a rep works through: the day, proposals, reviews, tasks, the ledger.
func workRoutes() []route {
	return []route{
		{pattern: "GET /{$}", access: rep, handle: (*Server).showHome},
		{pattern: "GET /events", access: rep, handle: (*Server).showEvents, endless: true},
		{pattern: "POST /tasks/{id}/done", access: rep, handle: (*Server).doTask, of: taskRecord},
		{pattern: "GET /proposals", access: rep, handle: (*Server).listProposals},
		{pattern: "POST /proposals/{id}", access: rep, handle: (*Server).decideProposed, of: proposalRecord},
		{pattern: "GET /ledger", access: rep, handle: (*Server).listLedger},
		{pattern: "GET /reviews", access: rep, handle: (*Server).listReviews},
		{pattern: "POST /reviews/{id}", access: rep, handle: (*Server).decideReview, of: reviewRecord},
		{pattern: "POST /reviews/{id}/rule", access: admin, handle: (*Server).saveRule, of: reviewRecord},
		{pattern: "POST /reviews/{id}/rule/undo", access: admin, handle: (*Server).takeRuleBack, of: reviewRecord},
	}
}

// sourceRoutes are what is read, and the accounts connected for it.
func sourceRoutes() []route {
	return []route{
		{pattern: "GET /sources", access: rep, handle: (*Server).listSources},
		{pattern: "POST /sources/{id}/sync", access: rep, handle: (*Server).wakeSource, of: sourceRecord},
		{pattern: "POST /sources/{id}/signin", access: rep, handle: (*Server).signInSource, of: sourceRecord},
		{pattern: "GET /connections", access: rep, handle: (*Server).listConnections},
		{pattern: "POST /connect/{provider}", access: rep, handle: (*Server).connectAccount},
		{pattern: "POST /connections/{provider}/{account}/disconnect", access: rep, handle: (*Server).disconnectAccount},
	}
}

// formRoutes are forms that are posted to.
func formRoutes() []route {
	return []route{
		{pattern: "GET /forms", access: rep, handle: (*Server).listForms},
		{pattern: "GET /forms/{id}", access: rep, handle: (*Server).showForm, any: "forms belong to nobody"},
		{pattern: "GET /forms/{id}/form", access: anybody, handle: (*Server).openForm, any: "strangers fill it in"},
		{pattern: "GET /forms/{id}/thanks", access: anybody, handle: (*Server).thankSender, any: "strangers see it"},
		{pattern: "POST /forms/{id}/try", access: admin, handle: (*Server).tryForm, any: "admins try every form"},
		{pattern: "POST /forms/{id}/quarantine/{submission}", access: rep, handle: (*Server).decideHeld, any: "what a form holds back belongs to nobody yet"},
	}
}

// accessRoutes are users, tokens and what each user sets for themselves.
func accessRoutes() []route {
	return slices.Concat(secondRoutes(), []route{
		{pattern: "GET /settings", access: rep, handle: (*Server).showSettings},
		{pattern: "POST /settings/language", access: rep, handle: (*Server).setLanguage, unenrolled: true},
		{pattern: "POST /settings/password", access: rep, handle: (*Server).setPassword},
		{pattern: "GET /users", access: admin, handle: (*Server).listUsers},
		{pattern: "POST /users", access: admin, handle: (*Server).addUser},
		{pattern: "POST /users/state", access: admin, handle: (*Server).setUserState},
		{pattern: "POST /users/place", access: admin, handle: (*Server).setUserPlace},
		{pattern: "POST /users/totp", access: admin, handle: (*Server).resetSecond},
		{pattern: "POST /users/sessions", access: admin, handle: (*Server).endUserSessions},
		{pattern: "GET /sessions", access: rep, handle: (*Server).listSessions},
		{pattern: "POST /sessions/end", access: rep, handle: (*Server).endSession},
		{pattern: "POST /sessions/others", access: rep, handle: (*Server).endOtherSessions},
		{pattern: "GET /tokens", access: admin, handle: (*Server).listTokens},
		{pattern: "POST /tokens", access: admin, handle: (*Server).createToken},
		{pattern: "POST /tokens/{id}/revoke", access: admin, handle: (*Server).revokeToken, any: "admins see every token"},
	})
}
