package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// listView is a searchable, paged list.
type listView struct {
	Query, Kind string
	Rows        []listRow
	Total       int64
	First       bool // nothing was searched for and this is the first page
	Next, Start string
}

// listRow is one person or account in a list.
type listRow struct {
	URL, Name, Kana, Detail, DetailURL, Address, Owner, Status, Kind string
}

func (s *Server) listPeople(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	after, err := r.place(listOfPeople)
	if err != nil {
		return err
	}
	f := crm.PeopleFilter{Query: q.Get("q"), Kind: crm.PersonKind(q.Get("kind")), After: after, Limit: pageRows}
	people, next, err := s.store.ListPeople(r.Context(), f)
	if err != nil {
		return err
	}
	v := listView{Query: f.Query, Kind: string(f.Kind), First: f.After == "" && f.Query == "" && f.Kind == "", Next: nextPage(r, listOfPeople, next), Start: firstPage(r)}
	if v.Total, err = s.store.CountPeople(r.Context()); err != nil {
		return err
	}
	n := s.names()
	for _, p := range people {
		row := listRow{URL: "/people/" + p.ID, Name: p.Name, Kana: p.Kana, Owner: n.user(r.Context(), p.Owner),
			Kind: r.say.label("person_kind", string(p.Kind)), Detail: p.Company}
		if len(p.Emails) > 0 {
			row.Address = p.Emails[0]
		}
		if p.Status != "" {
			row.Status = s.statusWord(r.say, p.Status)
		}
		if p.AccountID != "" {
			if name := n.account(r.Context(), p.AccountID); name != "" {
				row.Detail, row.DetailURL = name, "/accounts/"+p.AccountID
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return s.render(w, r, "people", page{Title: r.say.text("nav.people"), Nav: "people", Data: v})
}

func (s *Server) listAccounts(w http.ResponseWriter, r *request) error {
	after, err := r.place(listOfAccounts)
	if err != nil {
		return err
	}
	f := crm.AccountFilter{Query: r.URL.Query().Get("q"), After: after, Limit: pageRows}
	accounts, next, err := s.store.ListAccounts(r.Context(), f)
	if err != nil {
		return err
	}
	v := listView{Query: f.Query, First: f.After == "" && f.Query == "", Next: nextPage(r, listOfAccounts, next), Start: firstPage(r)}
	if v.Total, err = s.store.CountAccounts(r.Context()); err != nil {
		return err
	}
	n := s.names()
	for _, a := range accounts {
		row := listRow{URL: "/accounts/" + a.ID, Name: a.Name, Kana: a.Kana, Owner: n.user(r.Context(), a.Owner)}
		if len(a.Domains) > 0 {
			row.Address = a.Domains[0]
		}
		v.Rows = append(v.Rows, row)
	}
	return s.render(w, r, "accounts", page{Title: r.say.text("nav.accounts"), Nav: "accounts", Data: v})
}

// timelineView is the page of a person or an account: who it is, then what was exchanged.
type timelineView struct {
	Person      *crm.Person
	Account     *crm.Account
	AccountName string // of the person's account
	Status      string
	Kind        string
	HeardIn     string // when they last wrote
	HeardOut    string // when we last wrote
	HeardAgo    string
	Head        *recordHead
	Filter      timelineFilter
	Follow      *followView    // freshness of an account
	Life        *lifeView      // of a person
	Office      *accountLife   // of an account
	Facts       []fact         // declared fields
	Filled      []filledView   // fields that an activity filled
	Ahead       []activityView // meetings to come, the soonest first
	FurtherOff  []activityView // more of them
	Rows        []activityView
	Newest      bool
	Next, Start string
}

func (s *Server) showPerson(w http.ResponseWriter, r *request) error {
	id := r.PathValue("id")
	person, err := s.store.GetPerson(r.Context(), id)
	if err != nil {
		return err
	}
	n := s.names()
	v := timelineView{Person: &person, Kind: r.say.label("person_kind", string(person.Kind))}
	defs := s.declared(crm.FieldTarget(person.Kind))
	v.Facts, v.Filled = r.say.facts(defs, person.Custom), r.say.filled(defs, person.Filled)
	if person.Status != "" {
		v.Status = s.statusWord(r.say, person.Status)
	}
	if person.AccountID != "" {
		v.AccountName = n.account(r.Context(), person.AccountID)
	}
	if v.Life, err = s.life(r.Context(), r.say, &person); err != nil {
		return err
	}
	if v.Head, err = s.recordHead(r, crm.CommentPerson, id, person.Owner, v.Life.Tasks); err != nil {
		return err
	}
	v.Head.Exclude = len(person.Emails) > 0
	if v.Filter, err = s.readFilter(r, "/people/"+id, v.Head.Owners); err != nil {
		return err
	}
	if err := s.fillTimeline(r, n, &v, id, crm.ActivityFilter{Person: id}); err != nil {
		return err
	}
	return s.render(w, r, "person", page{Title: person.Name, Nav: "people", Live: "person=" + url.QueryEscape(id), Data: v})
}

func (s *Server) showAccount(w http.ResponseWriter, r *request) error {
	id := r.PathValue("id")
	account, err := s.store.GetAccount(r.Context(), id)
	if err != nil {
		return err
	}
	v := timelineView{Account: &account, Facts: r.say.facts(s.declared(crm.OnAccount), account.Custom)}
	office, f, err := s.accountLife(r, &account)
	if err != nil {
		return err
	}
	v.Office = office
	n := s.names()
	n.accounts[id] = "" // the page is about it: its rows need not say so
	if v.Head, err = s.recordHead(r, crm.CommentAccount, id, account.Owner, office.Tasks); err != nil {
		return err
	}
	if v.Filter, err = s.readFilter(r, "/accounts/"+id, v.Head.Owners); err != nil {
		return err
	}
	if v.Follow, err = s.followView(r, id); err != nil {
		return err
	}
	if err := s.fillTimeline(r, n, &v, id, f); err != nil {
		return err
	}
	return s.render(w, r, "account", page{Title: account.Name, Nav: "accounts", Live: "account=" + url.QueryEscape(id), Data: v})
}

func (s *Server) fillTimeline(r *request, n *names, v *timelineView, id string, f crm.ActivityFilter) error {
	after, err := r.place(listOfActivities)
	if err != nil {
		return err
	}
	now := time.Now()
	var meetings, early []crm.Activity
	if after == "" && !v.Filter.On {
		if meetings, early, err = s.ahead(r.Context(), f, now, farAhead(now)); err != nil {
			return err
		}
	}
	v.Filter.bounds(&f, r.say.zone, now)
	list, next, err := s.filtered(r.Context(), &v.Filter, f, after)
	if err != nil {
		return err
	}
	list = append(early, list...)
	v.Rows = s.timeline(r.Context(), r.say, n, list)
	s.withhold(r, list, v.Rows)
	if !v.Filter.Flat {
		v.Rows = foldThreads(list, v.Rows)
	}
	v.Ahead = s.timeline(r.Context(), r.say, n, meetings)
	s.withhold(r, meetings, v.Ahead)
	if len(v.Ahead) > shownAhead {
		v.Ahead, v.FurtherOff = v.Ahead[:shownAhead], v.Ahead[shownAhead:]
	}
	v.Newest, v.Next, v.Start = after == "", nextPage(r, listOfActivities, next), firstPage(r)
	in, out, err := s.store.LastHeard(r.Context(), id)
	if err != nil {
		return err
	}
	v.HeardIn, v.HeardOut = r.say.when(in), r.say.when(out)
	if !in.IsZero() {
		v.HeardAgo = r.say.since(time.Since(in))
	}
	return nil
}

// withhold says of rows that what was said is not for whoever looks; the store has left it out already.
func (s *Server) withhold(r *request, list []crm.Activity, rows []activityView) {
	for i := range rows {
		rows[i].Withheld = !s.mayBody(r, &list[i])
		rows[i].MayHide = list[i].Kind == crm.KindEmail && slices.Contains(list[i].Owners, r.user.Email)
	}
}

// activityPage is one activity with its ledger rows.
type activityPage struct {
	activityView
	Text   string
	Ledger []entryView
	Filed  []filedView

	Private string // where its conversation is marked private; "" if the user cannot
}

func (s *Server) showActivity(w http.ResponseWriter, r *request) error {
	a, err := s.store.GetActivity(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	entries, err := s.store.FindEntries(r.Context(), a.ID)
	if err != nil {
		return err
	}
	v := activityPage{activityView: s.activityView(r.Context(), r.say, s.names(), &a), Text: cmp.Or(a.FullText, a.Text)}
	v.Form, v.Meeting = s.formView(r.say, &a, true), r.say.meetingView(&a, time.Now(), true)
	v.Outcome = r.say.outcomeView(r.user, &a, time.Now())
	v.Withheld = !s.mayBody(r, &a)
	v.Private = privateURL(r.user, &a)
	if a.Meeting != nil && a.Meeting.TimesOnly {
		v.Text = ""
	}
	filing, err := s.store.GetFiling(r.Context(), a.ID)
	if err != nil {
		return err
	}
	for i := range filing.Moves {
		m := &filing.Moves[i]
		v.Filed = append(v.Filed, filedView{ID: m.ID, Detach: s.personName(r.Context(), m.Detach), Attach: s.personName(r.Context(), m.Attach), By: r.say.actor(m.By), When: r.say.when(m.At)})
	}
	for _, e := range entries {
		v.Ledger = append(v.Ledger, r.say.entryView(e))
	}
	title := v.Subject
	if title == "" {
		title = r.say.text("activity.no_subject")
	}
	return s.render(w, r, "activity", page{Title: title, Live: "activity=" + url.QueryEscape(a.ID), Data: v})
}

// nextPage is this page's address with the cursor that continues its list at a place, "" at the end.
func nextPage(r *request, list, place string) string {
	if place == "" {
		return ""
	}
	q := r.URL.Query()
	q.Del("fragment")
	q.Del("notice")
	q.Set("after", cursorFor(list, place))
	return r.URL.Path + "?" + q.Encode()
}

// firstPage is where a paged list starts, "" if this is it.
func firstPage(r *request) string {
	q := r.URL.Query()
	if !q.Has("after") {
		return ""
	}
	q.Del("fragment")
	q.Del("after")
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}
