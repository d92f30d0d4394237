// Package storetest is what every store must do: the interfaces below say it in words, Run in tests.
// Consumers declare the few methods they use themselves; only the suite wants them all.
//
// Lists are paged by cursor: "" starts, the returned cursor continues, "" ends. A cursor is opaque and stays
// valid while rows come and go. Limits are the caller's; a store answers at most 1,000 rows at a time.
// Values are returned, never live transactions. A look-up of something that is not there is crm.ErrNotFound.
package storetest

import (
	"context"
	"io"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Store is everything.
type Store interface {
	Sources
	Directory
	Late
	People
	Activities
	Ledger
	Reviews
	Users
	Mapping
	Audit
	Outbox
	Sealed
	Intake
	Upkeep
	Life
	Records
	Joining
	Finding
	Withheld
	Comments
	Arrivals
	Filings
	Counted
	Views
	Amending
	Close() error
}

// Sources keeps the sources' state and is where items become durable.
type Sources interface {
	// DeclareSources makes the stored sources those of the configuration: new ones are added as never run
	// and due now, missing ones become disabled (rows stay, their claims end), a changed Fingerprint makes a paused one due now.
	DeclareSources(ctx context.Context, sources []crm.Source, now time.Time) error
	// ClaimDue gives the sources that have been due longest and are not leased, the longest first, at most limit. It
	// stores the ends of the leases and new Epochs before it returns, together.
	ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]crm.Claim, error)
	// ClaimSource claims one source whether it is due or not; false if it is leased, disabled or unknown.
	ClaimSource(ctx context.Context, id string, now time.Time, lease time.Duration) (crm.Claim, bool, error)
	// Renew pushes the lease's end forward; crm.ErrFenced if somebody else has claimed the source since.
	Renew(ctx context.Context, source string, epoch uint64, until time.Time) error
	// Commit stores a batch, or nothing: ledger rows, activities with all indexes, reviews, people, pending
	// hashes, roll-ups, outbox rows, progress and cursor. crm.ErrFenced if the epoch is old.
	//
	// A row that exists is replaced, its first SeenAt kept and the tally moved. A row that leaves Logged
	// takes its Observation off the activity; an activity that nobody observes any more is removed, with an
	// outbox row. An activity whose Key exists is merged by crm.Merge,
	// unless crm.SameMail says that it is another mail, or crm.SameMeeting that it is another meeting: then it gets
	// crm.ApartKey, and the row names that. A view of a meeting whose row has another key than the meeting is a mail: its
	// Meeting.Mail and the Mail and Message of its Observation are set. Letters go with the last place where their mail
	// is. People whose ID exists are left.
	// Updates fill what is empty in people's records, whoever created them, and note the provenance; nothing is
	// overwritten, and indexes follow. A submission that comes again (same Key) in a newer state replaces subject,
	// text, fields and custom fields of its activity, whose Version rises and whose Revisions keep the old
	// state; the same state again changes nothing.
	// A review that exists keeps its state; Raised becomes the earlier one. If the directory changed since
	// c.Generation, Pending addresses that are known by now are queued for late matching. When an activity is
	// logged that is the first under its Key, and rows wait for that message (Write.Awaits), it is queued for
	// late matching; so is a message that a row of c awaits and that has its activity already. A row waits for
	// what its last Write named, and an excluded row for nothing.
	//
	// A mail can be part of a meeting (its invitation, an answer to that): its row has the mail's Key and names the
	// meeting, and the activity has the mail's Key in Messages. Such a Key leads to the meeting wherever a message is asked
	// for (Lookup, GetActivity, FindEntries, Awaits), unless an activity has it as its own. The store marks the
	// Observation of such a row (Mail), and a view that knows no more than an answer (Partial, with Replies) as ReplyOnly.
	//
	// Withdrawn is applied after Writes, in the same transaction: the rows of the source under each Prefix that are
	// logged, not retired, not in Present, and whose ItemTime lies within From and To, are withdrawn from their activities
	// (crm.Withdraw). The rows themselves stay as they are, and rows of other verdicts are left alone. A Write for a
	// row takes that back (crm.Sight).
	// Commits of several sources that arrive together share one durable write.
	Commit(ctx context.Context, c crm.Commit) error
	// Settle ends a claim; crm.ErrFenced if the epoch is old.
	Settle(ctx context.Context, s crm.Settlement) error
	// Wake makes a source due now, also a paused one.
	Wake(ctx context.Context, source string, now time.Time) error
	// NextDue is when the next unleased source is due, or a lease ends; zero if none ever.
	NextDue(ctx context.Context) (time.Time, error)
	// ResetCursor forgets the cursor, so that the source is read anew.
	ResetCursor(ctx context.Context, source string) error
	// ListSources gives all sources, ordered by ID, with their tallies.
	ListSources(ctx context.Context) ([]crm.Source, error)
	GetSource(ctx context.Context, id string) (crm.Source, error)
}

// Directory answers the matching's questions.
type Directory interface {
	Lookup(ctx context.Context, q crm.Question) (crm.Answer, error)
}

// Late is the queue of people, domains, decisions and messages that became known and that rows may wait for.
// The Address of a piece that is about a message is "message:" and its Key.
type Late interface {
	// NextLate gives a piece of late work with up to limit entries, starting at the cursor from ("" = start),
	// or false if there is none. Entries may be of any verdict but excluded.
	NextLate(ctx context.Context, from string, limit int) (crm.LateWork, bool, error)
	// LateDone takes the piece of work off the queue.
	LateDone(ctx context.Context, id string) error
	// RetryDue gives failed rows of a source whose NextTry has come.
	RetryDue(ctx context.Context, source string, now time.Time, limit int) ([]crm.Entry, error)
}

// People keeps leads, contacts and accounts. Every change of a person's addresses, an account's domains or
// a decision queues late work and advances the Generation.
type People interface {
	GetPerson(ctx context.Context, id string) (crm.Person, error)
	// SavePeople and SaveAccounts insert or replace by ID, all or nothing, with an audit record each
	// (one summary record if there are more than 100).
	SavePeople(ctx context.Context, actor string, people []crm.Person) error
	// DeletePerson removes a person. Activities keep the participant without its ID; open tasks about the person are dropped,
	// with an audit record "drop task" each; deals, done tasks and people whom they follow name them no more; proposals,
	// comments and rules about them go, and what was answered with them, so that it is asked again.
	DeletePerson(ctx context.Context, actor, id string) error
	GetAccount(ctx context.Context, id string) (crm.Account, error)
	SaveAccounts(ctx context.Context, actor string, accounts []crm.Account) error
	// ListPeople and ListAccounts are ordered by name, then ID. The query finds prefixes and substrings of
	// names, kana, companies, addresses and domains, without regard to width, case or kana (crm.Fold).
	ListPeople(ctx context.Context, f crm.PeopleFilter) ([]crm.Person, string, error)
	ListAccounts(ctx context.Context, f crm.AccountFilter) ([]crm.Account, string, error)
	// CountPeople and CountAccounts are kept, not counted.
	CountPeople(ctx context.Context) (int64, error)
	CountAccounts(ctx context.Context) (int64, error)
}

// Activities reads what was logged.
type Activities interface {
	GetActivity(ctx context.Context, id string) (crm.Activity, error) // by ID or Key, else by one of its Messages
	// ListActivities is ordered by time, newest first. Account includes the activities of its contacts. With a Kind a
	// page may hold fewer than Limit, even none, and go on: only a cursor of "" is the end.
	ListActivities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, string, error)
	// Rollups gives the counts of the days from..to (inclusive, "2026-11-21").
	Rollups(ctx context.Context, from, to string) ([]crm.Rollup, error)
	// LastHeard says when a person (or account) last wrote to us and we to them; zero times for never.
	// What lies ahead does not count.
	LastHeard(ctx context.Context, id string) (in, out time.Time, err error)
	// SetOutcome keeps what became of a meeting (crm.SetOutcome), audited, and gives the meeting. It stays through
	// whatever is read of the meeting later. crm.ErrNotFound, crm.ErrOutcome, crm.ErrConflict.
	SetOutcome(ctx context.Context, actor, activityID string, o crm.Outcome) (crm.Activity, error)
	// ListOutcomes gives an owner's meetings whose outcome is wanted (Activity.WantsOutcome) and which that owner did
	// not decline, newest first, without walking over more than the owner's last weeks.
	ListOutcomes(ctx context.Context, owner string, now time.Time, limit int) ([]crm.Activity, error)
}

// Ledger reads the ledger.
type Ledger interface {
	GetEntry(ctx context.Context, source, externalID string) (crm.Entry, error)
	// FindEntries gives the rows with this external id in any source, or with this Key or activity id.
	FindEntries(ctx context.Context, idOrKey string) ([]crm.Entry, error)
	// ListEntries is ordered newest SeenAt first within a source filter, else over all.
	ListEntries(ctx context.Context, f crm.LedgerFilter) ([]crm.Entry, string, error)
	// MissingFrom says which of the external ids have no row in the source.
	MissingFrom(ctx context.Context, source string, ids []string) ([]string, error)
}

// Reviews keeps the questions to people.
type Reviews interface {
	GetReview(ctx context.Context, id string) (crm.Review, error)
	// ListReviews is ordered newest Raised first. State "" means all.
	ListReviews(ctx context.Context, state crm.ReviewState, after string, limit int) ([]crm.Review, string, error)
	CountReviews(ctx context.Context, state crm.ReviewState) (int64, error)
	// Decide stores the decision, creates the person if it is not nil, and queues late work for the address.
	// A review with State open in r is opened again: the decision is undone. Only an open review can be decided
	// and only a decided one opened; otherwise somebody else was faster: crm.ErrConflict, and nothing is stored.
	// A review that items raised is open as long as one of them, known to its source, waits for the answer. When none does,
	// because somebody became known, a rule decides or the items are excluded or gone, an open one goes; after it was
	// opened again that is seen when the late work for its address is done. What cannot be read just now waits on.
	// Opening again removes the contact that accepting made; crm.ErrRefused if people worked with it since, or somebody
	// else has the address: nothing is left to ask.
	Decide(ctx context.Context, actor string, r crm.Review, person *crm.Person) error
	// CountPending says how many ledger rows wait for a normalised address.
	CountPending(ctx context.Context, address string) (int64, error)
}

// Users keeps users, tokens and web sessions.
type Users interface {
	SaveUser(ctx context.Context, actor string, u crm.User) error
	GetUser(ctx context.Context, email string) (crm.User, error)
	ListUsers(ctx context.Context) ([]crm.User, error)
	SaveToken(ctx context.Context, actor string, t crm.Token) error
	TokenByHash(ctx context.Context, hash []byte) (crm.Token, error)
	ListTokens(ctx context.Context) ([]crm.Token, error)
	// Sessions are the web framework's, by hashed token: bytes in, bytes out.
	SaveSession(ctx context.Context, id string, data []byte, expiry time.Time) error
	FindSession(ctx context.Context, id string, now time.Time) ([]byte, bool, error)
	DeleteSession(ctx context.Context, id string) error
	// ListSessions gives those that are not expired. TouchSession replaces the data of one that goes on, and is
	// crm.ErrNotFound otherwise. EndSessions ends those of these keys (StoredSession.Key) and audits it.
	ListSessions(ctx context.Context, now time.Time) ([]crm.StoredSession, error)
	TouchSession(ctx context.Context, id string, data []byte) error
	EndSessions(ctx context.Context, actor, object string, keys []string) error
}

// Mapping keeps the versions of the admin's mapping.
type Mapping interface {
	// SaveMapping appends a version and returns its number; a document equal to the newest is not appended again.
	SaveMapping(ctx context.Context, v crm.MappingVersion) (int, error)
	LatestMapping(ctx context.Context) (crm.MappingVersion, error) // crm.ErrNotFound if there is none
	ListMappings(ctx context.Context) ([]crm.MappingVersion, error)
	// MappingApplied marks that history follows the exclusions of version n.
	MappingApplied(ctx context.Context, n int) error
}

// Audit reads who changed what.
type Audit interface {
	AppendAudit(ctx context.Context, r crm.AuditRecord) error
	ListAudit(ctx context.Context, after string, limit int) ([]crm.AuditRecord, string, error) // newest first
	// FindAudit gives a page of those that a filter chooses, newest first. It may give fewer than asked for and more to come.
	FindAudit(ctx context.Context, f crm.AuditFilter) ([]crm.AuditRecord, string, error)
}

// Outbox is what the targets have not been told yet. Rows are written only while EnableOutbox is on, since
// without a target nobody would ever take them off.
type Outbox interface {
	EnableOutbox(on bool)
	ListOutbox(ctx context.Context, after uint64, limit int) ([]crm.OutboxRow, error)
	OutboxDone(ctx context.Context, upTo uint64) error
}

// Sealed keeps secrets that were obtained, not configured (refreshed tokens), already sealed by the caller.
type Sealed interface {
	PutSealed(ctx context.Context, name string, ciphertext []byte) error
	// GetSealed gives what was put last; crm.ErrNotFound if nothing was, or it was deleted.
	GetSealed(ctx context.Context, name string) ([]byte, error)
	// DeleteSealed takes a ciphertext away, and its bytes out of the store's files where it has any. A name that is
	// not there is no error.
	DeleteSealed(ctx context.Context, name string) error
}

// Intake is the queue of submissions that came in through the form endpoint. It is what the intake source reads.
type Intake interface {
	// AddSubmission makes a submission durable before it returns, and gives it its Seq. One whose ID is there
	// already with the same fields is not stored again: stored is the first, fresh is false. With other fields it is a
	// new version of it, at the end of the queue. Additions that arrive together share one durable write.
	// A version that is quarantined does not push out the one that was let in before: that stays in the queue until
	// a person releases the other. crm.ErrTooBig if it takes more than a mebibyte.
	AddSubmission(ctx context.Context, s crm.Submission) (stored crm.Submission, fresh bool, err error)
	// ListSubmissions gives what is to become activities or ledger rows (accepted, released, excluded) in the
	// order of the queue, from above the Seq after; of a submission its newest version only. A page may hold fewer
	// than limit, so that it stays small; only an empty one is the end.
	ListSubmissions(ctx context.Context, after uint64, limit int) ([]crm.Submission, error)
	// WaitSubmission returns nil once ListSubmissions has something above after, or ctx's error.
	WaitSubmission(ctx context.Context, after uint64) error
	// GetSubmission gives the newest version; crm.ErrNotFound if there is none.
	GetSubmission(ctx context.Context, id string) (crm.Submission, error)
	// AdmittedSubmission gives the version that stands in the queue; crm.ErrNotFound if there is none.
	AdmittedSubmission(ctx context.Context, id string) (crm.Submission, error)
	// ListQuarantine gives the submissions in a state (quarantined, released or rejected), newest first.
	ListQuarantine(ctx context.Context, state crm.SubmissionState, after string, limit int) ([]crm.Submission, string, error)
	CountSubmissions(ctx context.Context, state crm.SubmissionState) (int64, error) // kept, not counted
	// DecideSubmission releases or rejects a quarantined submission, or releases a rejected one; audited. A
	// released one goes to the end of the queue. crm.ErrConflict if it is in another state, or if a newer version was let
	// in: that one stands.
	DecideSubmission(ctx context.Context, actor, id string, release bool, now time.Time) (crm.Submission, error)
}

// Upkeep is for the nightly work.
type Upkeep interface {
	// EachActivity calls fn with every activity, in any order, resuming after the cursor; it returns the
	// cursor to go on from when fn returns crm.ErrStop, "" at the end. fn may call the store.
	EachActivity(ctx context.Context, after string, fn func(crm.Activity) error) (string, error)
	// ExcludeRows makes ledger rows excluded because a rule made later covers them. Observations go, an
	// activity that nobody observes any more goes with its content, indexes, roll-ups and tallies follow,
	// and an outbox row tells the targets. Audited.
	ExcludeRows(ctx context.Context, actor string, rows []crm.ItemRef, reason crm.Reason, now time.Time) error
	// Rematch replaces match, people and accounts of an activity (same ID) and its pending hashes; indexes follow.
	Rematch(ctx context.Context, a crm.Activity, pending []string) error
	// Remap stores what a mapping makes of activities, whole, with their pending hashes; indexes and roll-ups
	// follow. All of them become durable together. One that is gone, or that is no longer as it was read (Was), is left
	// alone and its ID given back: it must be mapped anew. An Outcome, a Meeting and Messages that Now does not have stay.
	Remap(ctx context.Context, list []crm.Remap) (stale []string, err error)
	// Erase forgets an address: the people with it, reviews, pending hashes, and what activities say of them.
	// What they wrote (as from, organizer or submitter) is removed, whoever else is on it: its words are
	// theirs. On what they only received the participant is blanked, and their addresses and names in
	// subject and texts, in the place of a meeting and in its outcome, and what they answered; a match that rested on their address rests on the first matched participant left, or on the
	// domain of an account. It is removed, too, when neither a known person outside nor an account is left
	// but for them. The rows of a removed activity are excluded as erased, and so are later items with the
	// address. The people's other addresses are noted as ones about which nobody is asked (AddressAnswer.Unasked), if nobody
	// has them any more. What was asked or decided about the people goes; what waited for an answer about them alone is
	// unmatched. Submissions with a field whose value is the address, and those of removed activities, become shells:
	// excluded as erased, nothing else of them is kept. It says how many activities were removed and changed.
	Erase(ctx context.Context, actor, address string, now time.Time) (removed, changed int, err error)
	// Prune removes expired sessions and audit records older than auditBefore, and says how many. Ledger rows
	// are never pruned: they are the proof.
	Prune(ctx context.Context, now, auditBefore time.Time) (int, error)
	// CheckRollups recounts roll-ups and tallies and says what differs; repair sets them right.
	CheckRollups(ctx context.Context, repair bool) ([]string, error)
	// Backup writes a consistent copy while the store is in use.
	Backup(ctx context.Context, w io.Writer) error
	// Size is the bytes on disk.
	Size(ctx context.Context) (int64, error)
}
