package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The kinds of visibility, by whose a record is.
var visibilities = []string{"own", "team", "foreign", "nobodys"}

// house is an organisation under a strict policy: a team with a rep and a colleague, a manager of the team, somebody of
// another team, an admin and IT; and of each kind of record one of everybody's.
type house struct {
	*fixture
	ids    map[record]map[string]string // by kind and visibility
	policy crm.AccessPolicy
}

const (
	hRep     = "sato@example.co.jp"
	hMate    = "mate@example.co.jp"
	hManager = "manager@example.co.jp"
	hFar     = "far@example.co.jp"
	hAdmin   = "suzuki@example.co.jp"
	hIT      = "it@example.co.jp"
)

func ownerOf(visibility string) string {
	return map[string]string{"own": hRep, "team": hMate, "foreign": hFar, "nobodys": ""}[visibility]
}

// marker stands in every word of a record of somebody's; bodyMarker in what was said in their mail.
func marker(visibility string) string     { return "ZQ" + visibility + "QZ" }
func bodyMarker(visibility string) string { return "ZB" + visibility + "BZ" }

// newHouse makes the organisation. Everybody whom the policy concerns is asked as of hRep's place: own is hRep's.
func newHouse(tb testing.TB, policy crm.AccessPolicy) *house {
	tb.Helper()
	h := &house{policy: policy, ids: map[record]map[string]string{}}
	h.fixture = newFixture(tb, func(c *Config) {
		c.Access = func() crm.AccessPolicy { return h.policy }
		c.Sealer = plainSealer{}
		c.SignIns = &fakeSignIns{}
	})
	ctx := tb.Context()
	hash, err := HashPassword(testPassword)
	must(tb, err)
	for _, u := range []crm.User{
		{Email: hRep, Name: "佐藤", Role: crm.RoleRep, Team: "東"}, {Email: hMate, Name: "同僚", Role: crm.RoleRep, Team: "東"},
		{Email: hManager, Name: "課長", Role: crm.RoleManager, Team: "東"}, {Email: hFar, Name: "遠方", Role: crm.RoleRep, Team: "西"},
	} {
		u.PasswordHash, u.Created = hash, h.now
		must(tb, h.store.SaveUser(ctx, "cli", u))
	}
	must(tb, h.store.DeclareSources(ctx, []crm.Source{
		{ID: "sato-mail", Kind: "imap", Owner: hRep, Fingerprint: "a"}, {ID: "suzuki-mail", Kind: "imap", Owner: hAdmin, Fingerprint: "a"},
		{ID: "src-own", Kind: "imap", Owner: hRep, Fingerprint: "a"}, {ID: "src-team", Kind: "imap", Owner: hMate, Fingerprint: "a"},
		{ID: "src-foreign", Kind: "imap", Owner: hFar, Fingerprint: "a"}, {ID: "src-nobodys", Kind: "webform", Fingerprint: "a"}}, h.now))
	for _, v := range visibilities {
		h.furnish(tb, v)
	}
	return h
}

func (h *house) set(kind record, visibility, id string) {
	if h.ids[kind] == nil {
		h.ids[kind] = map[string]string{}
	}
	h.ids[kind][visibility] = id
}

// furnish stores one of each kind of record for an owner.
func (h *house) furnish(tb testing.TB, v string) {
	tb.Helper()
	ctx, owner, mark, host := tb.Context(), ownerOf(v), marker(v), v+".example"
	account := crm.Account{ID: crm.DerivedID("h-account", v), Name: mark + " 社", Kana: mark, Domains: []string{host}, Owner: owner, Created: h.now, Updated: h.now}
	must(tb, h.store.SaveAccounts(ctx, "cli", []crm.Account{account}))
	contact := crm.Person{ID: crm.DerivedID("h-person", v), Kind: crm.Contact, Name: mark + " 様", Company: mark, AccountID: account.ID, Title: mark, Emails: []string{"p@" + host},
		Owner: owner, Created: h.now, Updated: h.now}
	lead := crm.Person{ID: crm.DerivedID("h-lead", v), Kind: crm.Lead, Name: mark + " 見込み", Company: mark, Status: crm.StatusWorking, Emails: []string{"l@" + host}, Owner: owner, Created: h.now, Updated: h.now}
	must(tb, h.store.SavePeople(ctx, "cli", []crm.Person{contact, lead}))
	h.set(accountRecord, v, account.ID)
	h.set(personRecord, v, contact.ID)
	h.commitOf(tb, v, account.ID, contact.ID)
	o, err := h.store.SaveOpportunity(ctx, "cli", crm.Opportunity{ID: crm.DerivedID("h-opp", v), Account: account.ID, Name: mark + " 商談", Stage: "proposal", Owner: owner, Created: h.now, Updated: h.now})
	must(tb, err)
	h.set(opportunityRecord, v, o.ID)
	c, err := h.store.SaveContract(ctx, "cli", crm.Contract{ID: crm.DerivedID("h-contract", v), Account: account.ID, Name: mark + " 契約", Start: "2026-01-01", End: h.now.AddDate(0, 1, 0).Format(time.DateOnly), Owner: owner, Created: h.now, Updated: h.now})
	must(tb, err)
	h.set(contractRecord, v, c.ID)
	task := crm.Task{ID: crm.DerivedID("h-task", v), Kind: crm.TaskTodo, Person: contact.ID, Owner: owner, Due: h.now.Format(time.DateOnly), What: mark + " を送る", Origin: "person", Created: h.now}
	if owner == "" {
		task.Owner = hRep
	}
	must(tb, h.store.SaveTask(ctx, "cli", task))
	h.set(taskRecord, v, task.ID)
	ids := h.propose(tb, crm.Proposal{Kind: crm.ProposeField, Person: contact.ID, Owner: owner, Field: "title", Before: mark, Value: mark + " 部長", Evidence: []string{bodyMarker(v) + " 署名"}, Activity: h.ids[activityRecord][v]})
	h.set(proposalRecord, v, ids[0])
	change, err := h.store.AddChange(ctx, "cli", crm.Change{ID: crm.NewID(), Person: lead.ID, Field: crm.ChangeStatus, At: h.now, From: string(crm.StatusWorking), To: string(crm.StatusScheduling), By: "cli"})
	must(tb, err)
	h.set(changeRecord, v, change.ID)
	h.set(sourceRecord, v, "src-"+v)
	h.furnishJoins(tb, v, account.ID)
}

// furnishJoins stores a comment, a merger and a conversion of records of an owner's.
func (h *house) furnishJoins(tb testing.TB, v, account string) {
	tb.Helper()
	ctx, owner, mark := tb.Context(), ownerOf(v), marker(v)
	c := crm.Comment{ID: crm.DerivedID("h-comment", v), Kind: crm.CommentPerson, Subject: h.ids[personRecord][v], Author: hAdmin, Text: mark + " について", At: h.now}
	must(tb, h.store.SaveComment(ctx, hAdmin, c))
	h.set(commentRecord, v, c.ID)
	twins := make([]crm.Person, 2)
	for i := range twins {
		twins[i] = crm.Person{ID: crm.NewID(), Kind: crm.Contact, Name: mark + " 双子", AccountID: account, Owner: owner, Created: h.now, Updated: h.now}
	}
	taken := crm.Person{ID: crm.NewID(), Kind: crm.Lead, Name: mark + " 転換", Company: mark, Status: crm.StatusWorking, Owner: owner, Created: h.now, Updated: h.now}
	must(tb, h.store.SavePeople(ctx, "cli", slices.Concat(twins, []crm.Person{taken})))
	m, err := h.store.Merge(ctx, "cli", crm.MergePeople, twins[0].ID, twins[1].ID, h.now)
	must(tb, err)
	h.set(mergeRecord, v, m.ID)
	done, err := h.store.Convert(ctx, "cli", crm.ConversionPlan{Person: taken.ID, Account: account}, h.now)
	must(tb, err)
	h.set(conversionRecord, v, done.ID)
}

// commitOf logs a mail of a contact in the owner's mailbox, and one that raises a question.
func (h *house) commitOf(tb testing.TB, v, account, person string) {
	tb.Helper()
	owner, source := ownerOf(v), "src-"+v
	key := crm.MessageKey(v+"@house", crm.MessageIdentity{})
	a := crm.Activity{ID: string(key), Key: key, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal, Time: h.now.Add(-time.Minute),
		Subject: bodyMarker(v) + " 件名", Text: bodyMarker(v) + " 本文", FullText: bodyMarker(v) + " 全文", Thread: string(key), Version: 1, Accounts: []string{account},
		People:      []crm.Participant{{Kind: crm.Contact, ID: person, Name: marker(v) + " 様", Address: "p@" + v + ".example", Role: crm.RoleFrom}},
		Attachments: []crm.Attachment{{Name: bodyMarker(v) + ".pdf", Type: "application/pdf", Size: 3}},
		Observed:    []crm.Observation{{Source: source, ExternalID: marker(v) + "-1", Owner: owner, Folder: marker(v)}},
		Match:       crm.Match{Rule: crm.RuleAddress, Evidence: "p@" + v + ".example"}}
	if owner != "" {
		a.Owners = []string{owner}
	}
	review := crm.Review{ID: crm.ReviewID(crm.ReviewNewContact, "new@"+v+".example"), Kind: crm.ReviewNewContact, Address: "new@" + v + ".example", Name: marker(v) + " 新規",
		Subject: bodyMarker(v) + " 問い合わせ", Source: source, Owner: owner, Raised: h.now, State: crm.ReviewOpen}
	claim, ok, err := h.store.ClaimSource(tb.Context(), source, h.now, time.Minute)
	if must(tb, err); !ok {
		tb.Fatal("the source cannot be claimed")
	}
	must(tb, h.store.Commit(tb.Context(), crm.Commit{Source: source, Epoch: claim.Source.Epoch, Owner: owner, Cursor: "1", MoveCursor: true, At: h.now, Writes: []crm.Write{
		{Activity: &a, Entry: crm.Entry{Source: source, ExternalID: marker(v) + "-1", Key: key, SeenAt: h.now, ItemTime: h.now, Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: a.ID}},
		{Pending: []string{review.Address}, Reviews: []crm.Review{review}, Entry: crm.Entry{Source: source, ExternalID: marker(v) + "-2", SeenAt: h.now, ItemTime: h.now, Verdict: crm.Waiting, Reason: crm.ReasonNewContact}}}}))
	must(tb, h.store.Settle(tb.Context(), crm.Settlement{Source: source, Epoch: claim.Source.Epoch, State: crm.SourceOK, Due: h.now.Add(time.Hour), Success: true, At: h.now}))
	h.set(activityRecord, v, a.ID)
	h.set(reviewRecord, v, review.ID)
}

// sees says what a policy of own records and own mail lets somebody see.
func (h *house) sees(email, visibility string) (record, body bool) {
	switch email {
	case hAdmin, hIT:
		return true, visibility == "nobodys" && false
	case hManager:
		return visibility != "foreign", false
	default:
		return visibility == "own" || visibility == "nobodys", visibility == "own"
	}
}

// cookieOf signs somebody in without hashing a password.
func (h *house) cookieOf(tb testing.TB, email string) *http.Cookie {
	tb.Helper()
	if email == "" {
		return nil
	}
	user, err := h.store.GetUser(tb.Context(), email)
	must(tb, err)
	rec := httptest.NewRecorder()
	must(tb, h.server.signIn(rec, httptest.NewRequest(http.MethodGet, "/", nil), user, byPassword))
	return rec.Result().Cookies()[0]
}

// ask sends a request to the web app itself.
func (h *house) ask(tb testing.TB, cookie *http.Cookie, method, path string, form url.Values) (int, string, http.Header) {
	tb.Helper()
	var req *http.Request
	if method == http.MethodPost {
		req = httptest.NewRequestWithContext(tb.Context(), method, path, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		req = httptest.NewRequestWithContext(tb.Context(), method, path, nil)
	}
	if cookie != nil {
		req.AddCookie(cookie)
	}
	rec := httptest.NewRecorder()
	h.server.Handler().ServeHTTP(rec, req)
	return rec.Code, rec.Body.String(), rec.Result().Header
}

var routeParameter = regexp.MustCompile(`\{[a-z_]+(\.\.\.)?\}`)

// pathOf fills a pattern's parameters: {id} with id, the others with something that there is.
func pathOf(pattern, id string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "{id}", url.PathEscape(id), "{provider}", "google", "{account}", "a@example.co.jp", "{submission}", "0123").Replace(path)
	return method, routeParameter.ReplaceAllString(path, "0123")
}

// plainSealer seals nothing, but binds a record to its name.
type plainSealer struct{}

func (plainSealer) Seal(name string, plain []byte) ([]byte, error) {
	return append([]byte(name+"\x00"), plain...), nil
}

func (plainSealer) Unseal(name string, sealed []byte) ([]byte, error) {
	plain, ok := strings.CutPrefix(string(sealed), name+"\x00")
	if !ok {
		return nil, crm.ErrNotFound
	}
	return []byte(plain), nil
}

// endedMeeting stores a meeting of hRep's that is over, as a calendar shows it, and gives its id.
func (h *house) endedMeeting(tb testing.TB) string {
	tb.Helper()
	a := h.meeting("house", "製品デモ", h.now.Add(-3*time.Hour))
	source := "src-own"
	a.Owners, a.Observed = []string{hRep}, []crm.Observation{{Source: source, ExternalID: "house-meeting", Owner: hRep}}
	claim, ok, err := h.store.ClaimSource(tb.Context(), source, h.now.Add(time.Hour), time.Minute)
	if must(tb, err); !ok {
		tb.Fatal("the source cannot be claimed")
	}
	must(tb, h.store.Commit(tb.Context(), crm.Commit{Source: source, Epoch: claim.Source.Epoch, Owner: hRep, Cursor: "2", MoveCursor: true, At: h.now, Writes: []crm.Write{
		{Activity: &a, Entry: crm.Entry{Source: source, ExternalID: "house-meeting", Key: a.Key, SeenAt: h.now, ItemTime: a.Time, Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: a.ID}}}}))
	return a.ID
}
