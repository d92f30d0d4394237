package storetest

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Life follows people and accounts. Whatever changes an activity, a person, an account, an opportunity, a Change or a
// task marks those whom it concerns in a queue, in the same transaction.
type Life interface {
	// NextFollowing gives those who were marked before markedBefore, longest ago first, and those whose Standing.Look
	// has come, at most limit (at most 2000), each with all that follows from what. Those whose IDs are in but are passed
	// over: what follows of them is being stored.
	NextFollowing(ctx context.Context, now, markedBefore time.Time, limit int, but map[string]bool) ([]crm.Following, error)
	// GetFollowing gives one as NextFollowing would, marked or not. crm.ErrNotFound.
	GetFollowing(ctx context.Context, id string) (crm.Following, error)
	// Follow stores what following made of them, together. What somebody marked again since stays in the queue; a person
	// whose Mark is older than what is marked now is not changed at all. Roll-ups follow. Status and Owner change with
	// an audit record; both mark the person's accounts, but not the person again.
	Follow(ctx context.Context, list []crm.Followed) error
	// MarkAll marks every person and account, in pieces: the rules changed, or everything is to be checked.
	MarkAll(ctx context.Context, now time.Time) error
	CountFollowing(ctx context.Context) (int64, error) // how many are marked; it may walk over the queue
	// FactsOf gives what is counted of a person, as Follow stored it, by month; within a month in the store's own order.
	FactsOf(ctx context.Context, id string) ([]crm.Fact, error)
	GetStanding(ctx context.Context, id string) (crm.Standing, error)
	// Loads says of each owner how many leads they have in each status, and when a rule last assigned them one. It is kept, not
	// counted.
	Loads(ctx context.Context) (map[string]crm.Load, error)

	// ListChanges gives a person's changes, and those of people merged into it, newest first.
	ListChanges(ctx context.Context, person string) ([]crm.Change, error)
	// GetChange gives one change. crm.ErrNotFound.
	GetChange(ctx context.Context, id string) (crm.Change, error)
	// AddChange stores what a person decided: the person's status, owner or stage follows, and undoing marks the change
	// undone. From is filled by the store. Audited. crm.ErrNotFound; crm.ErrRefused, with words, if the change to undo is undone or is
	// not the last of its field, or for a status of somebody who is no lead; crm.ErrConflict if there is a change with this ID.
	AddChange(ctx context.Context, actor string, c crm.Change) (crm.Change, error)

	// The lists are by owner ("" for all), oldest first; what is listed is the person's standing.
	ListUnreplied(ctx context.Context, owner, after string, limit int) ([]crm.Listed, string, error)
	// ListFollowUps gives those whose Follow is before now.
	ListFollowUps(ctx context.Context, owner string, now time.Time, after string, limit int) ([]crm.Listed, string, error)
	// ListSegment gives the members of a segment, ordered by ID.
	ListSegment(ctx context.Context, segment, after string, limit int) ([]crm.Listed, string, error)
	CountSegment(ctx context.Context, segment string) (int64, error) // kept, not counted
	CountUnreplied(ctx context.Context, owner string) (int64, error) // kept, not counted

	// Numbers gives numbers, ordered by period, key and detail.
	Numbers(ctx context.Context, q crm.NumberQuery) ([]crm.Number, error)
	// ListSubsidiaries gives the accounts whose Parent is id, ordered by ID.
	ListSubsidiaries(ctx context.Context, id, after string, limit int) ([]crm.Account, string, error)
	// LogActivity stores what a person logged by hand (By, Match.Rule is RuleManual, no Observed): a call or a note. The
	// same Key again is crm.ErrConflict. People and Accounts are given by id. Audited, and an outbox row tells the targets.
	LogActivity(ctx context.Context, actor string, a crm.Activity) error
}

// Records keeps what people made: opportunities, contracts, the catalogue, campaigns, tasks and proposals. Lists are as
// everywhere. Saving inserts or replaces by ID, audited with before and after.
type Records interface {
	// SaveOpportunity fills Stages, Closed (the day in the organisation's time zone) and Amount. One that is won and has a
	// Start makes its contract, once; later saves carry what the contract does not have yet. Taking back the win while
	// the contract is untouched removes it. crm.ErrNotFound if the account is not there.
	SaveOpportunity(ctx context.Context, actor string, o crm.Opportunity) (crm.Opportunity, error)
	GetOpportunity(ctx context.Context, id string) (crm.Opportunity, error)
	DeleteOpportunity(ctx context.Context, actor, id string) error
	ListOpportunities(ctx context.Context, f crm.DealFilter) ([]crm.Opportunity, string, error) // by Expected, then ID
	SaveContract(ctx context.Context, actor string, c crm.Contract) (crm.Contract, error)
	GetContract(ctx context.Context, id string) (crm.Contract, error)
	DeleteContract(ctx context.Context, actor, id string) error
	ListContracts(ctx context.Context, f crm.DealFilter) ([]crm.Contract, string, error) // by End, those without last, then ID
	// ListNotices gives the open contracts whose End minus Notice days is today or before, by End.
	ListNotices(ctx context.Context, today, after string, limit int) ([]crm.Contract, string, error)
	SaveProduct(ctx context.Context, actor string, p crm.Product) error
	ListProducts(ctx context.Context) ([]crm.Product, error)              // by name; at most 10,000
	SaveCampaign(ctx context.Context, actor string, c crm.Campaign) error // its costs are counted (MetricCost)
	GetCampaign(ctx context.Context, id string) (crm.Campaign, error)
	ListCampaigns(ctx context.Context) ([]crm.Campaign, error) // by start, newest first; at most 10,000
	SaveTask(ctx context.Context, actor string, t crm.Task) error
	GetTask(ctx context.Context, id string) (crm.Task, error)
	ListTasks(ctx context.Context, f crm.TaskFilter) ([]crm.Task, string, error) // by due, then ID
	GetProposal(ctx context.Context, id string) (crm.Proposal, error)
	ListProposals(ctx context.Context, f crm.ProposalFilter) ([]crm.Proposal, string, error)  // newest Raised first
	CountProposals(ctx context.Context, state crm.ProposalState, owner string) (int64, error) // kept, not counted
	// DecideProposal accepts or refuses an open proposal, and opens a decided one again, which takes back what accepting
	// did as far as nobody changed it since; what a policy accepted (crm.ByRules) becomes refused instead. Accepting does what it proposes, in the same transaction. crm.ErrConflict.
	DecideProposal(ctx context.Context, actor, id string, state crm.ProposalState, now time.Time) (crm.Proposal, error)
}

// Joining merges and converts.
type Joining interface {
	PreviewMerge(ctx context.Context, kind crm.MergeKind, winner, loser string) (crm.MergePreview, error)
	// Merge makes one record of two: the winner keeps its values, empty ones are filled, addresses, telephone numbers and
	// domains are united, and everything that names the loser names the winner. The loser's record is kept in the
	// MergeRecord. crm.ErrRefused for a record and itself, or a lead as the winner of a contact.
	Merge(ctx context.Context, actor string, kind crm.MergeKind, winner, loser string, now time.Time) (crm.MergeRecord, error)
	// Unmerge brings the loser back with its values, its activities, and those that came later to its addresses. crm.ErrRefused
	// if a later merge or conversion stands in the way, which is named.
	Unmerge(ctx context.Context, actor, id string, now time.Time) (crm.MergeRecord, error)
	GetMerge(ctx context.Context, id string) (crm.MergeRecord, error)
	ListMerges(ctx context.Context, subject, after string, limit int) ([]crm.MergeRecord, string, error) // newest first; subject "" for all
	PreviewConversion(ctx context.Context, p crm.ConversionPlan) (crm.ConversionPreview, error)
	Convert(ctx context.Context, actor string, p crm.ConversionPlan, now time.Time) (crm.Conversion, error)
	// UndoConversion makes the lead again. An account or opportunity that the conversion made goes if nothing else hangs on
	// it and nobody changed it; it stays otherwise. crm.ErrRefused as Unmerge.
	UndoConversion(ctx context.Context, actor, id string, now time.Time) (crm.Conversion, error)
	GetConversion(ctx context.Context, id string) (crm.Conversion, error)
	ListConversions(ctx context.Context, person, after string, limit int) ([]crm.Conversion, string, error)
	// ListActivities with Account and Subsidiaries includes those of all accounts below it (crm.ActivityFilter).
}

// Finding searches.
type Finding interface {
	Search(ctx context.Context, q crm.SearchQuery) (crm.Found, error)
	// FindByKey gives the person or account with an ExternalKey. crm.ErrNotFound.
	FindPersonByKey(ctx context.Context, key string) (crm.Person, error)
	FindAccountByKey(ctx context.Context, key string) (crm.Account, error)
}
