package web

import (
	"html/template"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ledgerView is the ledger, filtered.
type ledgerView struct {
	Sources, Verdicts, Reasons []option
	Retired, Filtered          bool
	Rows                       []entryView
	Next, Start                string
}

// entryView is a ledger row in words.
type entryView struct {
	Source, ExternalID, Verdict, VerdictLabel, Seen, ItemTime, Activity, NextTry string
	Attempts                                                                     int
	Retired                                                                      bool
	Reason                                                                       template.HTML
}

func (sp *speaker) entryView(e crm.Entry) entryView {
	return entryView{Source: sp.nameOfSourceID(e.Source), ExternalID: e.ExternalID, Verdict: string(e.Verdict),
		VerdictLabel: sp.label("verdict", string(e.Verdict)), Seen: sp.when(e.SeenAt), ItemTime: sp.when(e.ItemTime),
		Activity: e.Activity, NextTry: sp.when(e.NextTry), Attempts: e.Attempts, Retired: e.Retired, Reason: sp.reason(e.Reason)}
}

// reasonCodes are the codes that the filter offers, in the order of the verdicts.
func reasonCodes() []string {
	return []string{crm.ReasonMatched, crm.ReasonInternal, crm.ReasonAddress, crm.ReasonDomain, crm.ReasonSubject,
		crm.ReasonFolder, crm.ReasonClass, crm.ReasonErased, crm.ReasonDraft, crm.ReasonPrivate, crm.ReasonEventType, crm.ReasonNobody, crm.ReasonNoAddress,
		crm.ReasonDismissed, crm.ReasonGone, crm.ReasonNewContact, crm.ReasonAmbiguous, crm.ReasonQuarantine, crm.ReasonUnreadable, crm.ReasonInternalError}
}

func (s *Server) listLedger(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	after, err := r.place(listOfLedger)
	if err != nil {
		return err
	}
	f := crm.LedgerFilter{Source: q.Get("source"), Verdict: crm.Verdict(q.Get("verdict")), Reason: q.Get("reason"),
		Retired: q.Get("retired") != "", After: after, Limit: pageRows}
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	entries, next, err := s.store.ListEntries(r.Context(), f)
	if err != nil {
		return err
	}
	v := ledgerView{Retired: f.Retired, Filtered: f.Source != "" || f.Verdict != "" || f.Reason != "",
		Next: nextPage(r, listOfLedger, next), Start: firstPage(r)}
	for _, src := range sources {
		v.Sources = append(v.Sources, option{src.ID, r.say.nameOfSource(&src), src.ID == f.Source})
	}
	for _, verdict := range crm.Verdicts() {
		v.Verdicts = append(v.Verdicts, option{string(verdict), r.say.label("verdict", string(verdict)), verdict == f.Verdict})
	}
	for _, code := range reasonCodes() {
		v.Reasons = append(v.Reasons, option{code, r.say.text("reason_short." + code), code == f.Reason})
	}
	for _, e := range entries {
		v.Rows = append(v.Rows, r.say.entryView(e))
	}
	return s.render(w, r, "ledger", page{Title: r.say.text("nav.ledger"), Nav: "ledger", Live: "page=ledger", Data: v})
}
