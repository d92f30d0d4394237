package web

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ledgerView is the ledger, filtered, and what is known of the words somebody looks for.
type ledgerView struct {
	Query, From, To            string
	Sources, Verdicts, Reasons []option
	Retired, Filtered          bool
	Narrowed                   bool // by what stands behind the fold
	Find                       *ledgerFind
	Rows                       []entryView
	Next, Start                string
	Asked                      bool // what waits for answers is shown
	Open, Waiting              int64
}

// listLedger shows the rows that fit. With words to look for it says first what became of mail with them: rows bear no
// address and no subject, since most of them are of items whose content was never stored. What was logged has a subject,
// and its row shows it.
func (s *Server) listLedger(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	f := crm.LedgerFilter{Source: q.Get("source"), Verdict: crm.Verdict(q.Get("verdict")), Reason: q.Get("reason"), Retired: q.Get("retired") != "", Limit: pageRows}
	v := ledgerView{Query: strings.TrimSpace(strings.ToValidUTF8(q.Get("q"), "")), From: q.Get("from"), To: q.Get("to"), Retired: f.Retired}
	if utf8.RuneCountInString(v.Query) > maxSearched {
		v.Query = string([]rune(v.Query)[:maxSearched])
	}
	var err error
	if f.Since, f.Until, err = daysBetween(r.say.zone, v.From, v.To); err != nil {
		return err
	}
	v.Narrowed = f.Source != "" || f.Verdict != "" || f.Reason != "" || f.Retired
	v.Filtered = v.Narrowed || v.From != "" || v.To != "" || v.Query != ""
	list := listOfLedger
	if v.Query != "" {
		if v.Find, err = s.ledgerFind(r, v.Query, f); err != nil {
			return err
		}
		f.Address = v.Find.Address
		list += "/" + f.Address
	}
	if f.After, err = r.place(list); err != nil {
		return err
	}
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	if v.Query == "" || f.Address != "" { // words of a subject stand in no row
		entries, next, err := s.store.ListEntries(r.Context(), f)
		if err != nil {
			return err
		}
		for _, e := range entries {
			v.Rows = append(v.Rows, r.say.entryView(e))
		}
		s.addSubjects(r.Context(), r.say, v.Rows)
		v.Next, v.Start = nextPage(r, list, next), firstPage(r)
	}
	if v.Asked = f.Verdict == crm.Waiting; v.Asked {
		if v.Open, v.Waiting, err = s.askedNow(r.Context()); err != nil {
			return err
		}
	}
	for _, src := range sources {
		v.Sources = append(v.Sources, option{src.ID, r.say.nameOfSource(&src), src.ID == f.Source})
	}
	for _, verdict := range crm.Verdicts() {
		v.Verdicts = append(v.Verdicts, option{string(verdict), r.say.label("verdict", string(verdict)), verdict == f.Verdict})
	}
	for _, code := range reasonCodes() {
		v.Reasons = append(v.Reasons, option{code, r.say.text("reason_short." + code), code == f.Reason})
	}
	return s.render(w, r, "ledger", page{Title: r.say.text("nav.ledger"), Nav: "ledger", Live: "page=ledger", Data: v})
}

// daysBetween are the moments between which days of a zone lie, both days whole; zero for days that nobody named.
func daysBetween(zone *time.Location, from, to string) (since, until time.Time, err error) {
	read := func(day string, add int) (time.Time, error) {
		if day == "" {
			return time.Time{}, nil
		}
		t, err := time.ParseInLocation(time.DateOnly, day, zone)
		if err != nil || !crm.IsDay(day) {
			return t, badRequest("error.form")
		}
		return t.AddDate(0, 0, add), nil
	}
	if since, err = read(from, 0); err != nil {
		return since, until, err
	}
	until, err = read(to, 1)
	return since, until, err
}
