package web

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Store is all the web app asks of a store, page by page. store/storetest says what each method must do.
type Store interface {
	peopleStore
	amendingStore
	activityStore
	outcomeStore
	lifeStore
	loggingStore
	listingStore
	numberStore
	taskStore
	proposalStore
	opportunityStore
	contractStore
	catalogStore
	mergeStore
	conversionStore
	commentStore
	filingStore
	findingStore
	ledgerStore
	withheldStore
	reviewStore
	sourceStore
	userStore
	sessionStore
	auditStore
	sizeStore
	arrivalStore
	dashStore
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
	ListSubsidiaries(ctx context.Context, id, after string, limit int) ([]crm.Account, string, error)
	CountAccounts(ctx context.Context) (int64, error)
}

// amendingStore changes records that were read before.
type amendingStore interface {
	ChangePerson(ctx context.Context, actor string, a crm.Amendment[crm.Person], moves ...crm.Change) (crm.Person, error)
	ChangeAccount(ctx context.Context, actor string, a crm.Amendment[crm.Account]) (crm.Account, error)
	ChangeOpportunity(ctx context.Context, actor string, a crm.Amendment[crm.Opportunity]) (crm.Opportunity, error)
	ChangeContract(ctx context.Context, actor string, a crm.Amendment[crm.Contract]) (crm.Contract, error)
	ChangeCampaign(ctx context.Context, actor string, a crm.Amendment[crm.Campaign]) (crm.Campaign, error)
	ChangeProduct(ctx context.Context, actor string, a crm.Amendment[crm.Product]) (crm.Product, error)
	ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error
	ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error
	ChangeTask(ctx context.Context, actor string, a crm.Amendment[crm.Task]) (crm.Task, error)
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
	ListSessions(ctx context.Context, now time.Time) ([]crm.StoredSession, error)
	TouchSession(ctx context.Context, id string, data []byte) error
	EndSessions(ctx context.Context, actor, object string, keys []string) error
}

type auditStore interface {
	AppendAudit(ctx context.Context, r crm.AuditRecord) error
	FindAudit(ctx context.Context, f crm.AuditFilter) ([]crm.AuditRecord, string, error)
}

type sizeStore interface {
	Size(ctx context.Context) (int64, error)
}

// lifeStore tells where people and accounts stand, and how they came there.
type lifeStore interface {
	GetStanding(ctx context.Context, id string) (crm.Standing, error)
	ListChanges(ctx context.Context, person string) ([]crm.Change, error)
	GetChange(ctx context.Context, id string) (crm.Change, error)
	AddChange(ctx context.Context, actor string, c crm.Change) (crm.Change, error)
}

// loggingStore takes what people log by hand.
type loggingStore interface {
	LogActivity(ctx context.Context, actor string, a crm.Activity) error
}

// listingStore gives lists that the store keeps as activities come in.
type listingStore interface {
	ListUnreplied(ctx context.Context, owner, after string, limit int) ([]crm.Listed, string, error)
	ListFollowUps(ctx context.Context, owner string, now time.Time, after string, limit int) ([]crm.Listed, string, error)
	ListSegment(ctx context.Context, segment, after string, limit int) ([]crm.Listed, string, error)
	CountSegment(ctx context.Context, segment string) (int64, error)
}

type numberStore interface {
	Numbers(ctx context.Context, q crm.NumberQuery) ([]crm.Number, error)
}

type taskStore interface {
	SaveTask(ctx context.Context, actor string, t crm.Task) error
	GetTask(ctx context.Context, id string) (crm.Task, error)
	ListTasks(ctx context.Context, f crm.TaskFilter) ([]crm.Task, string, error)
}

type proposalStore interface {
	GetProposal(ctx context.Context, id string) (crm.Proposal, error)
	ListProposals(ctx context.Context, f crm.ProposalFilter) ([]crm.Proposal, string, error)
	CountProposals(ctx context.Context, state crm.ProposalState, owner string) (int64, error)
	DecideProposal(ctx context.Context, actor, id string, state crm.ProposalState, now time.Time) (crm.Proposal, error)
}

type opportunityStore interface {
	SaveOpportunity(ctx context.Context, actor string, o crm.Opportunity) (crm.Opportunity, error)
	GetOpportunity(ctx context.Context, id string) (crm.Opportunity, error)
	DeleteOpportunity(ctx context.Context, actor, id string) error
	ListOpportunities(ctx context.Context, f crm.DealFilter) ([]crm.Opportunity, string, error)
}

type contractStore interface {
	SaveContract(ctx context.Context, actor string, c crm.Contract) (crm.Contract, error)
	GetContract(ctx context.Context, id string) (crm.Contract, error)
	DeleteContract(ctx context.Context, actor, id string) error
	ListContracts(ctx context.Context, f crm.DealFilter) ([]crm.Contract, string, error)
	ListNotices(ctx context.Context, today, after string, limit int) ([]crm.Contract, string, error)
}

type catalogStore interface {
	SaveProduct(ctx context.Context, actor string, p crm.Product) error
	ListProducts(ctx context.Context) ([]crm.Product, error)
	SaveCampaign(ctx context.Context, actor string, c crm.Campaign) error
	GetCampaign(ctx context.Context, id string) (crm.Campaign, error)
	ListCampaigns(ctx context.Context) ([]crm.Campaign, error)
}

type mergeStore interface {
	PreviewMerge(ctx context.Context, kind crm.MergeKind, winner, loser string) (crm.MergePreview, error)
	Merge(ctx context.Context, actor string, kind crm.MergeKind, winner, loser string, now time.Time) (crm.MergeRecord, error)
	Unmerge(ctx context.Context, actor, id string, now time.Time) (crm.MergeRecord, error)
	GetMerge(ctx context.Context, id string) (crm.MergeRecord, error)
	ListMerges(ctx context.Context, subject, after string, limit int) ([]crm.MergeRecord, string, error)
}

type conversionStore interface {
	PreviewConversion(ctx context.Context, p crm.ConversionPlan) (crm.ConversionPreview, error)
	Convert(ctx context.Context, actor string, p crm.ConversionPlan, now time.Time) (crm.Conversion, error)
	UndoConversion(ctx context.Context, actor, id string, now time.Time) (crm.Conversion, error)
	GetConversion(ctx context.Context, id string) (crm.Conversion, error)
	ListConversions(ctx context.Context, person, after string, limit int) ([]crm.Conversion, string, error)
}

type findingStore interface {
	Search(ctx context.Context, q crm.SearchQuery) (crm.Found, error)
	FindPersonByKey(ctx context.Context, key string) (crm.Person, error)
	FindAccountByKey(ctx context.Context, key string) (crm.Account, error)
	Lookup(ctx context.Context, q crm.Question) (crm.Answer, error)
}
