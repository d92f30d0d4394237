package web

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Store is all the web app asks of a store, page by page. store/storetest says what each method must do.
type Store interface {
	peopleStore
	activityStore
	outcomeStore
	ledgerStore
	reviewStore
	sourceStore
	userStore
	sessionStore
	auditStore
	sizeStore
}

type peopleStore interface {
	GetPerson(ctx context.Context, id string) (crm.Person, error)
	SavePeople(ctx context.Context, actor string, people []crm.Person) error
	DeletePerson(ctx context.Context, actor, id string) error
	ListPeople(ctx context.Context, f crm.PeopleFilter) ([]crm.Person, string, error)
	CountPeople(ctx context.Context) (int64, error)
	GetAccount(ctx context.Context, id string) (crm.Account, error)
	SaveAccounts(ctx context.Context, actor string, accounts []crm.Account) error
	ListAccounts(ctx context.Context, f crm.AccountFilter) ([]crm.Account, string, error)
	CountAccounts(ctx context.Context) (int64, error)
}

type activityStore interface {
	GetActivity(ctx context.Context, id string) (crm.Activity, error)
	ListActivities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, string, error)
	Rollups(ctx context.Context, from, to string) ([]crm.Rollup, error)
	LastHeard(ctx context.Context, id string) (in, out time.Time, err error)
}

type outcomeStore interface {
	ListOutcomes(ctx context.Context, owner string, now time.Time, limit int) ([]crm.Activity, error)
	SetOutcome(ctx context.Context, actor, activityID string, o crm.Outcome) (crm.Activity, error)
}

type ledgerStore interface {
	FindEntries(ctx context.Context, idOrKey string) ([]crm.Entry, error)
	ListEntries(ctx context.Context, f crm.LedgerFilter) ([]crm.Entry, string, error)
}

type reviewStore interface {
	GetReview(ctx context.Context, id string) (crm.Review, error)
	ListReviews(ctx context.Context, state crm.ReviewState, after string, limit int) ([]crm.Review, string, error)
	CountReviews(ctx context.Context, state crm.ReviewState) (int64, error)
	Decide(ctx context.Context, actor string, r crm.Review, person *crm.Person) error
	CountPending(ctx context.Context, address string) (int64, error)
}

type sourceStore interface {
	ListSources(ctx context.Context) ([]crm.Source, error)
	GetSource(ctx context.Context, id string) (crm.Source, error)
}

type userStore interface {
	SaveUser(ctx context.Context, actor string, u crm.User) error
	GetUser(ctx context.Context, email string) (crm.User, error)
	ListUsers(ctx context.Context) ([]crm.User, error)
	SaveToken(ctx context.Context, actor string, t crm.Token) error
	TokenByHash(ctx context.Context, hash []byte) (crm.Token, error)
	ListTokens(ctx context.Context) ([]crm.Token, error)
}

type sessionStore interface {
	SaveSession(ctx context.Context, id string, data []byte, expiry time.Time) error
	FindSession(ctx context.Context, id string, now time.Time) ([]byte, bool, error)
	DeleteSession(ctx context.Context, id string) error
}

type auditStore interface {
	AppendAudit(ctx context.Context, r crm.AuditRecord) error
}

type sizeStore interface {
	Size(ctx context.Context) (int64, error)
}
